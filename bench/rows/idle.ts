import { readHubFile } from '../../src/runtime/hub-probe.ts';
import { now, sleep } from '../support/clock.ts';
import { memoryOf, TELLS_USAGE, usageOf } from '../support/processes.ts';
import { MINIMAL_SERVER } from '../support/programs.ts';
import { bar, type Row, ratioBar } from '../support/row.ts';
import { inScene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';
import { distribution, round } from '../support/stats.ts';
import { StdioClient } from '../support/stdio-client.ts';

const QUIET_MS = 2_000;
const MEMORY_BAR = 1.15;
const CPU_PERCENT_BAR = 0.2;

/**
 * Memory and processor time of sessions that nobody asks anything, and of their hub. Eight to
 * twenty-five seconds after the last thing that happened V8 collects once more and gives memory back, in every Node
 * program (here some 40 ms of a core, once): memory is taken before and after that, and rest begins behind it.
 */
export function idle(size: Size): Promise<Row[]> {
  if (!TELLS_USAGE) return Promise.resolve([]);
  return inScene(async (scene) => {
    const bot = await scene.startBotApi();
    const { number, env } = await bot.call('open');
    const place = scene.place();
    const sessions: StdioClient[] = [];
    const minimal: StdioClient[] = [];
    for (let time = 0; time < size.idleServers; time += 1) {
      sessions.push(await scene.startSession(place, env));
      const server = new StdioClient(scene.spawn([MINIMAL_SERVER], place));
      await server.listTools();
      minimal.push(server);
    }
    await bot.call('polled', { number });
    await sleep(QUIET_MS);
    const hub = readHubFile(place.home)?.pid ?? 0;
    const soon = memoryRow('memory of an mcp, just started (RSS)', memoriesOf(sessions), memoriesOf(minimal), hub);
    await sleep(size.restSeconds * 1000);
    const rested =
      size.restSeconds > 0
        ? [memoryRow('memory of an mcp at rest (RSS)', memoriesOf(sessions), memoriesOf(minimal), hub)]
        : [];
    for (const { child } of minimal) child.kill('SIGKILL');
    await sleep(QUIET_MS / 4);
    const used = await useOver(size.idleSeconds, [...sessions.map(({ pid }) => pid), hub]);
    return [soon, ...rested, ...cpuRows(used, size.idleSeconds)];
  });
}

type Memory = ReturnType<typeof memoryOf>;

const memoriesOf = (clients: readonly StdioClient[]): Memory[] => clients.map(({ pid }) => memoryOf(pid));

function memoryRow(name: string, ours: readonly Memory[], theirs: readonly Memory[], hub: number): Row {
  const measured = distribution(ours.map(({ rss }) => rss));
  const floor = distribution(theirs.map(({ rss }) => rss));
  const pss = [ours, theirs].map((each) => distribution(each.map((memory) => memory.pss)).p50);
  return {
    name,
    unit: 'MB',
    measured,
    floor: { name: 'minimal server', distribution: floor },
    bars: [ratioBar('p50', measured, floor, MEMORY_BAR)],
    facts: {
      'PSS of mcp': pss[0] ?? 0,
      'PSS of minimal server': pss[1] ?? 0,
      'PSS ratio': round((pss[0] ?? 0) / (pss[1] ?? 0)),
      'RSS of hub': round(memoryOf(hub).rss),
    },
  };
}

interface Use {
  readonly percent: number;
  /** A second. */
  readonly sleeps: number;
}

async function useOver(seconds: number, pids: readonly number[]): Promise<Use[]> {
  const began = now();
  const before = pids.map(usageOf);
  await sleep(seconds * 1000);
  const after = pids.map(usageOf);
  const took = (now() - began) / 1000;
  return after.map(({ cpu, sleeps }, index) => ({
    percent: (cpu - (before[index]?.cpu ?? 0)) / took / 10,
    sleeps: (sleeps - (before[index]?.sleeps ?? 0)) / took,
  }));
}

function cpuRows(used: readonly Use[], seconds: number): Row[] {
  const sessions = used.slice(0, -1);
  const hub = used.slice(-1);
  const measured = distribution(sessions.map(({ percent }) => percent));
  return [
    {
      name: 'processor time of an idle mcp',
      unit: '%',
      measured,
      bars: [bar('max', measured.max, CPU_PERCENT_BAR, '% of a core')],
      facts: { 'wake-ups a second': distribution(sessions.map(({ sleeps }) => sleeps)), seconds },
    },
    {
      name: 'processor time of their idle hub',
      unit: '%',
      measured: distribution(hub.map(({ percent }) => percent)),
      bars: [],
      facts: { 'wake-ups a second': round(hub[0]?.sleeps ?? 0), sessions: sessions.length },
    },
  ];
}
