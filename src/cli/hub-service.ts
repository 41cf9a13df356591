import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TelegramChannel } from '../channels/telegram/telegram-channel.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Channel } from '../relay/channel.ts';
import type { Transcribe } from '../relay/keep-files.ts';
import { Relay } from '../relay/relay.ts';
import type { Config } from '../runtime/config.ts';
import { canonicalPath } from '../runtime/home.ts';
import type { HubServer } from '../runtime/hub-server.ts';
import type { ChannelReport } from '../runtime/hub-wire.ts';
import type { Logger } from '../runtime/log.ts';
import { observer } from '../runtime/processes.ts';
import { watchProjects } from '../runtime/projects.ts';
import { Releases } from '../runtime/releases.ts';
import { detectSleep } from '../runtime/sleep-detector.ts';
import { StateFile } from '../runtime/state-file.ts';
import { transcriber } from '../runtime/transcriber.ts';
import { JsonlStore } from '../store/jsonl/jsonl-store.ts';
import type { Admissions } from './admissions.ts';
import type { InvitingBot } from './invitation.ts';
import type { Owners } from './owners.ts';

// Channels say how they are when asked; asking costs a comparison.
const HEALTH_LOOK_MS = 500;
// Longer than a channel needs to finish a request that is under way, shorter than anybody's patience.
const STOP_MS_MAX = 5_000;

/** What an elected hub does: finds the session files and runs the relay with its channels over them. */
export interface HubService {
  look(session: SessionId, sessionsDirectory: string): void;
  sessionsChanged(): void;
  /** Somebody became an owner, or is none any more: new ones are shown what is open. */
  ownersChanged(): void;
  liveSessions(): number;
  /** Stops the channels, lets what is in hand be finished for some seconds, closes the stores. */
  stop(): Promise<void>;
}

/** What an elected hub works with. */
export interface HubServiceParts {
  readonly config: Config;
  readonly server: HubServer;
  readonly log: Logger;
  /** Who may answer by Telegram; may change at any time. */
  readonly owners: Owners;
  /** Decides about pairing codes; null without a bot. */
  readonly admissions: Admissions | null;
  /** Called once Telegram has said who the bot is. */
  readonly onBot?: ((bot: InvitingBot) => void) | undefined;
}

/** Starts the relay with every channel that is set up. */
export function startHubService(parts: HubServiceParts): HubService {
  const { config, server, log, owners } = parts;
  const { timings } = config;
  const end = new AbortController();
  const releases = new Releases(log);
  const sleep = detectSleep(timings);
  releases.push('sleep detector', () => sleep.close());
  const telegram = makeTelegram(parts);
  const channels = telegram ? [telegram] : [];
  const relay = new Relay({
    channels,
    isOwner: ({ channel, id }) => channel === 'telegram' && owners.ids.includes(id),
    admit: (person, code) => parts.admissions?.admit(person, code) ?? { admission: 'refused' },
    observer: () => observer(Date.now(), sleep.silenceUnreliable),
    transcribe: makeTranscriber(config, end.signal),
    tellSession: (session) => server.look(session),
    log,
    timings,
  });
  const stores = new Map<string, JsonlStore>();
  const addDirectory = (given: string): string => {
    const directory = canonicalPath(given);
    // One that is not there yet may turn out to be a link to one that is followed already; it is registered, too.
    if (stores.has(directory) || !existsSync(directory)) return directory;
    const store = new JsonlStore({ directory, writer: { role: 'hub', pid: process.pid }, timings, log });
    stores.set(directory, store);
    releases.push('store', () => store.close());
    log.info({ directory }, 'following a sessions directory');
    relay.addStore(directory, store).catch((error: unknown) => {
      log.warn({ directory, error: String(error) }, 'could not read a sessions directory; looking again later');
    });
    return directory;
  };
  watchProjects({ home: config.home, onDirectory: addDirectory, signal: end.signal, timings, log });
  releases.push('health', reportHealth(channels, { server, log, onRecovery: () => relay.retryCards() }));
  const running = relay.run(end.signal);
  return {
    look: (session, directory) => {
      relay.look(session, addDirectory(directory)).catch((error: unknown) => {
        log.warn({ session_id: session, error: String(error) }, 'could not look at a session file');
      });
    },
    sessionsChanged: () => relay.sessionsChanged(),
    ownersChanged: () => {
      telegram?.ownersChanged();
      relay.retryCards();
    },
    liveSessions: () => relay.liveSessions(),
    stop: async () => {
      end.abort();
      await Promise.race([running, after(STOP_MS_MAX)]);
      await releases.releaseAll();
    },
  };
}

function makeTelegram({ config, owners, log, onBot }: HubServiceParts): TelegramChannel | null {
  const { home, telegram, proxy, timings } = config;
  if (!telegram) return null;
  const state = new StateFile(join(home, 'telegram.json'), log);
  return new TelegramChannel({ ...telegram, ownerIds: () => owners.ids, proxy, state, timings, log, onBot });
}

/** The transcriber is somebody else's program: it has no business with the bot's token. */
function makeTranscriber({ transcribeCommand, timings }: Config, signal: AbortSignal): Transcribe | undefined {
  const { TELEGRAM_BOT_TOKEN: _, ...environment } = process.env;
  return transcribeCommand && transcriber(transcribeCommand, { environment, limitMs: timings.transcribe, signal });
}

/** Tells sessions, log and `status` how the channels are, whenever that changes; returns how to stop. */
function reportHealth(
  channels: readonly Channel[],
  parts: { server: HubServer; log: Logger; onRecovery: () => void },
): () => void {
  const { server, log, onRecovery } = parts;
  let told: readonly ChannelReport[] = [];
  const look = (): void => {
    const reports = channels.map((channel): ChannelReport => ({ name: channel.name, ...channel.health() }));
    const changed = reports.filter((report, index) => !isSameHealth(report, told[index]));
    if (changed.length === 0) return;
    for (const { name, ok, detail } of changed) {
      if (ok || told.length === 0) log.info({ channel: name }, detail);
      else log.warn({ channel: name }, detail);
      if (ok && told.length > 0) onRecovery();
    }
    told = reports;
    server.tellChannels(reports);
  };
  look();
  const timer = setInterval(look, HEALTH_LOOK_MS);
  return () => clearInterval(timer);
}

function isSameHealth(a: ChannelReport, b: ChannelReport | undefined): boolean {
  return a.ok === b?.ok && a.detail === b.detail && a.since === b.since;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
