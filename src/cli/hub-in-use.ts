import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SwitchboardError } from '../domain/errors.ts';
import type { Config } from '../runtime/config.ts';
import { HUB_START_MS_MAX, isHubStartClaimed } from '../runtime/hub-start-claim.ts';
import type { ChannelReport, HubInfo } from '../runtime/hub-wire.ts';
import type { Logger } from '../runtime/log.ts';
import { sessionsIn } from '../store/jsonl/directory-watch.ts';
import { readLiveSessions } from './live-sessions.ts';
import { endHub, findHub } from './running-hub.ts';

const LOOK_MS = 50;
const START_MS_MAX = 20_000;
// What a hub that somebody has begun to start is given on a machine that is busy.
const LATE_MS_MAX = 10_000;
// A hub answers before its channels are up: Telegram is asked who the bot is, a port is looked for.
const CHANNELS_MS_MAX = 3_000;
const LOG_CHARS_READ = 20_000;
// As `hub-command.ts` writes it.
const COULD_NOT_START = 'the hub could not start';

/** No hub runs and none could be started; the log says why. */
class NoHubError extends SwitchboardError {
  override readonly name = 'NoHubError';
  readonly code = 'NO_HUB';
  constructor(home: string, why: string) {
    super(`No hub could be started, so nobody would see the questions${why && `: ${why}`} (${home}/hub.log)`);
  }
}

/** The hub while a command runs sessions of its own: the one that was there before, or one that they have started. */
export class HubInUse {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #startedAt = Date.now();
  #nobodyBefore = false;
  #startFailed = false;
  #first: HubInfo | null = null;

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
  }

  /** A hub of these settings has channels; one that was there before may have been started with others. */
  get #awaitsChannels(): boolean {
    return this.#config.telegram !== null || this.#config.web !== null;
  }

  /** Sees whether a hub runs, before the first session starts one. */
  async lookBefore(): Promise<void> {
    this.#nobodyBefore = (await findHub(this.#config.home)).found === 'nobody';
  }

  /**
   * Waits for a hub, and some seconds for its channels.
   *
   * @throws NoHubError
   */
  async untilReady(signal: AbortSignal): Promise<{ channels: readonly ChannelReport[] }> {
    const hubBy = performance.now() + START_MS_MAX;
    let channelsBy = Number.POSITIVE_INFINITY;
    for (;;) {
      signal.throwIfAborted();
      const probe = await findHub(this.#config.home);
      if (probe.found === 'hub') {
        this.#first ??= probe.hub;
        channelsBy = Math.min(channelsBy, performance.now() + CHANNELS_MS_MAX);
        const ready = probe.channels.length > 0 ? probe.channels.every(({ ok }) => ok) : !this.#awaitsChannels;
        if (ready || performance.now() > channelsBy) return { channels: probe.channels };
      } else {
        const { home } = this.#config;
        const why = startFailure(home, this.#startedAt);
        if (why || performance.now() > hubBy) {
          this.#startFailed = true;
          throw new NoHubError(home, why || (probe.found === 'silent' ? 'one hangs' : ''));
        }
      }
      await sleep(LOOK_MS);
    }
  }

  /** A command that ends as it begins may have a hub that is only just starting: it must not be left behind. */
  async meetLate(): Promise<void> {
    const { home } = this.#config;
    const began = performance.now();
    while (!this.#first && !this.#startFailed) {
      // Before the look: the claim ends when the hub is there.
      const msMax = isHubStartClaimed(home, LATE_MS_MAX) ? LATE_MS_MAX : HUB_START_MS_MAX;
      const probe = await findHub(home);
      if (probe.found === 'hub') this.#first = probe.hub;
      else if (performance.now() - began > msMax || startFailure(home, this.#startedAt)) return;
      else await sleep(LOOK_MS);
    }
  }

  /** Waits until no session of these directories is live: their cards are settled then. False: they still are. */
  async untilArchived(directories: readonly string[], waitMs: number, hurry: AbortSignal): Promise<boolean> {
    if (!this.#first) return true; // Without a hub nobody was shown a card.
    const deadline = performance.now() + waitMs;
    const live = (): boolean => directories.some((directory) => sessionsIn(directory).length > 0);
    while (live()) {
      if (hurry.aborted || performance.now() > deadline || (await findHub(this.#config.home)).found !== 'hub')
        return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  /** Ends the hub that the command's sessions have started, unless somebody else's session has come to use it. */
  async endIfOurs(): Promise<void> {
    if (!this.#nobodyBefore || !this.#first) return;
    if ((await readLiveSessions(this.#config, this.#log)).length > 0) return;
    await endHub(this.#config.home, this.#first.pid);
  }
}

/** What a hub that could not start since a moment (ms since the epoch) has left in its log. */
function startFailure(home: string, since: number): string {
  let text: string;
  try {
    text = readFileSync(join(home, 'hub.log'), 'utf8');
  } catch {
    return ''; // No hub has said anything yet.
  }
  // The first line may have lost its beginning.
  const lines = `\n${text}`.slice(-LOG_CHARS_READ).split('\n').slice(1);
  const said = lines.findLast((line) => line.includes(COULD_NOT_START));
  if (said === undefined) return '';
  const { time, err }: { time: string; err?: { message?: string } } = JSON.parse(said);
  return Date.parse(time) >= since ? (err?.message ?? COULD_NOT_START) : '';
}
