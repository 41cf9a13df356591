import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub } from '../../src/runtime/hub-probe.ts';
import type { BotApiHandlers } from '../bot-api-process.ts';
import { now, sleep, until } from '../support/clock.ts';
import { SWITCHBOARD } from '../support/programs.ts';
import type { Remote } from '../support/remote.ts';
import { bar, type Row } from '../support/row.ts';
import { inScene, kill, type Scene, untilLinked } from '../support/scene.ts';
import type { Size } from '../support/size.ts';
import { distribution } from '../support/stats.ts';
import type { StdioClient } from '../support/stdio-client.ts';

const BAR_MS = 1_000;
const PROBE_MS_MAX = 500;
// A session leaves a hub that has crashed under it twice within ten seconds some time; a single session is killed its
// hub only that often, so that what is measured is a take-over and not that patience.
const ROUNDS_PER_SINGLE_SESSION = 2;

/** A home with a hub, the sessions on it, and the Bot API that the hub polls. */
interface Line {
  readonly home: string;
  readonly bot: Remote<BotApiHandlers>;
  readonly number: number;
  readonly clients: readonly StdioClient[];
}

/** Milliseconds after the kill. */
interface Takeover {
  /** Another hub answers on the socket. */
  readonly serving: number;
  /** It waits for what people do: a press that was made meanwhile has been fetched. */
  readonly polling: number;
}

/** A hub killed while one session lives. */
export function takeover(size: Size): Promise<Row[]> {
  return inScene(async (scene) => {
    const bot = await scene.startBotApi();
    const count = Math.max(1, Math.round(size.takeoverRounds / ROUNDS_PER_SINGLE_SESSION));
    const lines: Line[] = [];
    for (let time = 0; time < count; time += 1) lines.push(await startLine(scene, bot));
    return [takeoverRow(1, await takeoversIn(lines, ROUNDS_PER_SINGLE_SESSION))];
  });
}

/** Kills the hub of each line in turn, so many times. */
export async function takeoversIn(lines: readonly Line[], times: number): Promise<Takeover[]> {
  const takeovers: Takeover[] = [];
  for (let time = 1; time <= times; time += 1) {
    for (const line of lines) {
      takeovers.push(await killHubOf(line));
      await Promise.all(line.clients.map((client) => untilLinked(client, time + 1)));
      // The sessions have told it of their files; it reads them.
      await sleep(100);
    }
  }
  return takeovers;
}

/** What so many sessions wait for another hub. */
export function takeoverRow(sessions: number, takeovers: readonly Takeover[]): Row {
  const measured = distribution(takeovers.map(({ serving }) => serving));
  return {
    name: `hub killed, ${sessions} ${sessions === 1 ? 'session lives' : 'sessions live'}`,
    unit: 'ms',
    measured,
    bars: [bar('max', measured.max, BAR_MS, 'ms')],
    facts: { 'until it polls Telegram': distribution(takeovers.map(({ polling }) => polling)) },
  };
}

/** The hub is there before the session, which so has started none yet. */
async function startLine(scene: Scene, bot: Remote<BotApiHandlers>): Promise<Line> {
  const { number, env } = await bot.call('open');
  const place = scene.place();
  scene.spawn([SWITCHBOARD, 'hub'], place, env);
  await until('a hub', () => hubOf(place.home));
  const client = await scene.startSession(place, env);
  await bot.call('polled', { number });
  return { home: place.home, bot, number, clients: [client] };
}

async function killHubOf({ home, bot, number }: Line): Promise<Takeover> {
  const old = await until('a hub', () => hubOf(home));
  const killedAt = now();
  kill(old);
  await until('another hub', async () => {
    const pid = await hubOf(home);
    return pid !== null && pid !== old;
  });
  const serving = now() - killedAt;
  return { serving, polling: (await bot.call('polled', { number, after: killedAt })) - killedAt };
}

/** The pid of the hub that answers, or null. */
async function hubOf(home: string): Promise<number | null> {
  const probe = await probeHub(hubAddress(home), PROBE_MS_MAX);
  return probe.found === 'hub' ? probe.hub.pid : null;
}
