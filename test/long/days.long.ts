import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Line, startLine } from '../support/line.ts';
import type { McpProcess } from '../support/mcp-client.ts';
import { recordsOf } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { type ProcessSize, processSize } from '../support/process-size.ts';
import { kill, until } from '../support/switchboard.ts';
import { ask, hubsOf } from '../support/waiting-line.ts';

const RUN_MS = Number(process.env.MINUTES ?? 2) * 60_000;
// Every span is shortened so much that a day passes in about fifteen seconds.
const HEARTBEAT_MS = 50;
const BEATS_A_DAY = (24 * 60) / 5;
const TIMINGS = {
  heartbeat: HEARTBEAT_MS,
  slowLook: 100,
  slowLookWaiting: 50,
  hubPing: 200,
  hubSilence: 10_000,
  telegramPoll: 1_000,
  telegramQuiet: 5,
};
const WORKERS = 3;
/** Questions of one session before it ends and another one takes its place. */
const QUESTIONS_A_SESSION = 60;
const OUTAGE_EVERY_MS = 4_000;
const HUB_KILL_EVERY_MS = 8_000;
// The hub is killed in the first part only: one that lives long must not grow.
const KILLS_SHARE = 0.35;
// What a process may have grown by in the end, over what it had once it was warm: V8 lets the heap of a busy hub grow for
// its first minute, from 90 to 125 MB here, where it then stays.
const GROWTH_KB_MAX = 40_000;
const QUESTION_KB_MAX = 6;

interface Life {
  asked: number;
  outages: number;
  kills: number;
  sessions: number;
}

it(`in ${RUN_MS / 60_000} minutes of shortened days nothing grows but the archive`, async ({ annotate }) => {
  const line = await startLine(TIMINGS);
  const resident = await line.start({ label: 'resident' });
  const residentId = await resident.session();
  const life: Life = { asked: 0, outages: 0, kills: 0, sessions: 1 };
  const began = performance.now();
  const over = (share = 1): boolean => performance.now() - began > share * RUN_MS;
  const sizes = { hub: [] as ProcessSize[], resident: [] as ProcessSize[] };
  let residentAsked = 0;

  const residing = (async () => {
    for (; !over(); residentAsked += 1) {
      await askAndAnswer(line, resident, `Resident ${residentAsked}?`);
      await sleep(1_000);
    }
  })();
  const working = Array.from({ length: WORKERS }, (_, n) => work(line, n, life, over));
  const disturbing = disturb(line, life, over);
  const measuring = measure(line, resident, sizes, over);
  await Promise.all([residing, ...working, disturbing, measuring]);

  const beats = recordsOf(resident, residentId).filter(({ type }) => type === 'heartbeat').length;
  const warmHub = sizes.hub.filter(({ at }) => at - began > (KILLS_SHARE + 0.15) * RUN_MS);
  const warmResident = sizes.resident.filter(({ at }) => at - began > 0.3 * RUN_MS);
  const report = {
    simulatedDays: Math.round((10 * beats) / BEATS_A_DAY) / 10,
    questions: life.asked + residentAsked,
    ...life,
    hub: growth(warmHub),
    resident: growth(warmResident),
  };
  await annotate(JSON.stringify(report));
  process.stdout.write(`${JSON.stringify(report)}\n`);

  expect(beats).toBeGreaterThan(RUN_MS / HEARTBEAT_MS / 3);
  expect(report.questions).toBeGreaterThan(RUN_MS / 1_000);
  expect(life.kills).toBeGreaterThan(0);
  expect(life.outages).toBeGreaterThan(0);
  expect(report.hub.rssKb).toBeLessThan(GROWTH_KB_MAX);
  // A session keeps what it asked for as long as it lives.
  expect(report.resident.rssKb).toBeLessThan(GROWTH_KB_MAX + residentAsked * QUESTION_KB_MAX);
  await atRest(line, resident, warmHub, warmResident);
});

/** With everything answered and all other sessions gone, only what belongs to the one that is left is there. */
async function atRest(line: Line, resident: McpProcess, hub: ProcessSize[], own: ProcessSize[]): Promise<void> {
  const { sessionsDirectory } = resident;
  const logs = () => readdirSync(sessionsDirectory).filter((name) => name.endsWith('.jsonl'));
  await until(
    () => logs().length === 1,
    () => `the other sessions to be archived: ${logs().join()}`,
  );
  const [pid = 0] = hubsOf(line);
  const least = (sizes: ProcessSize[], what: 'handles' | 'watches'): number =>
    Math.min(...sizes.map((size) => size[what]));
  // What is open only for the moment, such as a connection that is kept alive, goes by itself.
  for (const [name, process, warm] of [
    ['hub', pid, hub],
    ['resident', resident.pid, own],
  ] as const) {
    await until(
      () => {
        const now = processSize(process);
        return now !== null && now.handles <= least(warm, 'handles') + 2 && now.watches <= least(warm, 'watches');
      },
      () =>
        `the ${name} to let go: ${JSON.stringify(processSize(process))}, at the least ${least(warm, 'handles')} handles`,
    );
  }
  expect(hubsOf(line)).toHaveLength(1);
  for (const place of ['.locks', '.aside']) expect(filesIn(join(sessionsDirectory, place)), place).toEqual([]);
  expect(line.api.unconfirmed).toBe(0);
}

const filesIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);

async function askAndAnswer(line: Line, session: McpProcess, question: string): Promise<void> {
  const { api, owner } = line;
  const asked = ask(session, question);
  asked.catch(() => undefined);
  // A press that is lost with its hub comes again by Telegram; one on a card that was never written down is made again.
  const card = await openCard(api, owner, question);
  owner.presses(card, 'Yes');
  expect(await asked).toMatchObject({ status: 'answered', answer: 'Yes' });
  await settledCard(api, owner, question, 'delivered');
  // The phone of the test forgets what is over, so that looking at it stays quick.
  for (const message of owner.messages()) if (message.text?.includes(question)) owner.deletes(message);
}

/** Sessions that come, ask, and go, one after the other. */
async function work(line: Line, worker: number, life: Life, over: () => boolean): Promise<void> {
  for (let n = 0; !over(); n += 1) {
    const session = await line.start({ label: `worker ${worker}.${n}` });
    life.sessions += 1;
    for (let asked = 0; asked < QUESTIONS_A_SESSION && !over(); asked += 1) {
      await askAndAnswer(line, session, `Worker ${worker}, session ${n}, question ${asked}?`);
      life.asked += 1;
    }
    await session.close();
  }
}

/** Connections are cut all the time, and hubs are killed at first. */
async function disturb(line: Line, life: Life, over: (share?: number) => boolean): Promise<void> {
  for (let kills = 0, at = performance.now(); !over(); ) {
    await sleep(OUTAGE_EVERY_MS);
    life.outages += 1;
    line.api.cut();
    if (over(KILLS_SHARE) || performance.now() - at < HUB_KILL_EVERY_MS * kills) continue;
    kills += 1;
    at = performance.now();
    life.kills = kills;
    for (const pid of hubsOf(line)) kill(pid, 'SIGKILL');
  }
}

async function measure(
  line: Line,
  resident: McpProcess,
  sizes: { hub: ProcessSize[]; resident: ProcessSize[] },
  over: () => boolean,
): Promise<void> {
  while (!over()) {
    const [pid = 0] = hubsOf(line);
    const hub = processSize(pid);
    const own = processSize(resident.pid);
    if (hub) sizes.hub.push(hub);
    if (own) sizes.resident.push(own);
    await sleep(250);
  }
}

/** How much more a process has at the end than at the start: each the least of a quarter, since garbage comes and goes. */
function growth(sizes: readonly ProcessSize[]): { rssKb: number; handles: number; watches: number } {
  const quarter = Math.max(1, Math.floor(sizes.length / 4));
  const least = (part: readonly ProcessSize[], what: 'rss' | 'handles' | 'watches'): number =>
    Math.min(...part.map((size) => size[what]));
  const [first, last] = [sizes.slice(0, quarter), sizes.slice(-quarter)];
  const by = (what: 'rss' | 'handles' | 'watches'): number => least(last, what) - least(first, what);
  return { rssKb: by('rss'), handles: by('handles'), watches: by('watches') };
}
