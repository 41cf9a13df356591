import { mkdirSync } from 'node:fs';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub, readHubFile } from '../../src/runtime/hub-probe.ts';
import { registerProject } from '../../src/runtime/projects.ts';
import type { BotApiHandlers } from '../bot-api-process.ts';
import { now, until } from '../support/clock.ts';
import { type Growth, growthOf, type Law } from '../support/growth.ts';
import { type Rest, restOf, usageOf } from '../support/processes.ts';
import { SWITCHBOARD } from '../support/programs.ts';
import { type Cost, costOf } from '../support/question.ts';
import type { Remote } from '../support/remote.ts';
import { inScene, kill, type Place, type Scene } from '../support/scene.ts';
import { writeArchive, writeSession } from '../support/session-files.ts';
import type { Size } from '../support/size.ts';
import { type Distribution, distribution } from '../support/stats.ts';
import { countCalls } from '../support/system-calls.ts';

const PROBE_MS_MAX = 500;

type Kind = 'archived' | 'live';

interface Started {
  /** From spawn to the answer to a `/pending` that had been written before: all is read by then. */
  readonly start: Distribution;
  readonly startCpu: number;
  readonly startCalls: number;
}

type Point = Started & Rest & Cost;

/** Hub starts, and what one question costs, over more and more session files: archived ones, then live ones. */
export async function growthFiles({ growth }: Size): Promise<Growth[]> {
  const archived = await pointsOf('archived', growth.archived, growth);
  const live = await pointsOf('live', growth.live, growth);
  return [
    growthOf('files-archived', 'archived session files', growth.archived, archived, headings('constant')),
    growthOf('files-live', 'live session files', growth.live, live, {
      ...headings('linear'),
      // The slow look sees every live file; what is archived it does not.
      percent: ['processor time of the hub at rest', '% of a core', 'linear'],
    }),
  ];
}

function headings(law: Law) {
  return {
    start: ['hub start', 'ms', law],
    startCpu: ['processor time of a hub start', 'ms', law],
    startCalls: ['system calls of a hub start', 'calls', law],
    rss: ['memory of the hub (RSS)', 'MB', law],
    ask: ['ask', 'ms', 'constant'],
    answer: ['answer', 'ms', 'constant'],
    hubCpu: ['processor time of the hub for one question', 'ms', 'constant'],
    hubCalls: ['system calls of the hub for one question', 'calls', 'constant'],
  } as const;
}

async function pointsOf(kind: Kind, sizes: readonly number[], growth: Size['growth']): Promise<Point[]> {
  const points: Point[] = [];
  for (const size of sizes) points.push(await inScene((scene) => costOver(scene, kind, size, growth)));
  return points;
}

async function costOver(scene: Scene, kind: Kind, size: number, growth: Size['growth']): Promise<Point> {
  const bot = await scene.startBotApi();
  const place = scene.place();
  mkdirSync(place.sessionsDirectory, { recursive: true, mode: 0o700 });
  if (kind === 'archived') writeArchive(place.sessionsDirectory, size);
  else for (let index = 0; index < size; index += 1) writeSession(place.sessionsDirectory, false);
  registerProject(place.home, place.sessionsDirectory);
  const started = await starts(scene, place, bot, growth.starts);
  const { number, env } = await bot.call('open');
  const session = await scene.startSession(place, env);
  await bot.call('polled', { number });
  const hub = readHubFile(place.home)?.pid ?? 0;
  const askers = { session, bot, number };
  await costOf(askers, hub, growth.warmUps);
  return {
    ...started,
    ...(await costOf(askers, hub, growth.questions)),
    ...(await restOf(hub, kind === 'live' ? growth.restSeconds : 0)),
  };
}

/** So many starts that are timed, and one whose system calls are counted. */
async function starts(scene: Scene, place: Place, bot: Remote<BotApiHandlers>, times: number): Promise<Started> {
  const took: number[] = [];
  const cpu: number[] = [];
  let startCalls = 0;
  for (let time = 0; time <= times; time += 1) {
    const { number, env } = await bot.call('open');
    await bot.call('ask', { number });
    const hub = scene.spawnHeld([SWITCHBOARD, 'hub', '--background'], place, env);
    const pid = hub.pid ?? 0;
    const counting = time === times ? await countCalls(pid) : null;
    const began = now();
    hub.stdin.write('\n');
    const heard = await bot.call('heard', { number });
    if (counting) startCalls = await counting();
    else took.push(heard - began);
    cpu.push(usageOf(pid).cpu);
    kill(pid);
    await until('its end', async () => (await probeHub(hubAddress(place.home), PROBE_MS_MAX)).found !== 'hub');
  }
  return { start: distribution(took), startCpu: distribution(cpu.slice(0, -1)).p50, startCalls };
}
