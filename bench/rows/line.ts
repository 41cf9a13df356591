import type { FloorSample } from '../floor-process.ts';
import { sleep } from '../support/clock.ts';
import { startFloor } from '../support/floor.ts';
import { type Played, playQuestion, REST_MS } from '../support/question.ts';
import { type Row, ratioBar } from '../support/row.ts';
import { inScene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';
import { distribution } from '../support/stats.ts';

// Questions that are not counted: a process that has just started compiles what it runs. The floor gets the same.
const WARM_UPS = 15;
const BARS = { p50: 2, p99: 5 };
const FLOOR_NAME = 'append + watch + HTTP';

/** From the tool call to the card at the Bot API, and from the press back to the tool's result, one question at a time. */
export function line(size: Size): Promise<Row[]> {
  return inScene(async (scene) => {
    const floor = await startFloor(scene);
    const bot = await scene.startBotApi();
    const { number, env } = await bot.call('open');
    const session = await scene.startSession(scene.place(), env);
    await bot.call('polled', { number });
    const question = (index: number) => playQuestion({ session, bot, number }, `Question ${index}: shall it go on?`);
    const first = await question(0);
    const floors: FloorSample[] = [];
    const samples: Played[] = [];
    for (let index = 1; index <= WARM_UPS + size.questions; index += 1) {
      const floorSample = await floor.sample();
      await sleep(REST_MS);
      const sample = await question(index);
      await sleep(REST_MS);
      if (index <= WARM_UPS) continue;
      floors.push(floorSample);
      samples.push(sample);
    }
    return rowsOf(first, samples, floors);
  });
}

function rowsOf(first: Played, samples: readonly Played[], floors: readonly FloorSample[]): Row[] {
  const floor = distribution(floors.map(({ began, answered }) => answered - began));
  const row = (name: string, measured: ReturnType<typeof distribution>, facts: Row['facts']): Row => ({
    name,
    unit: 'ms',
    measured,
    floor: { name: FLOOR_NAME, distribution: floor },
    bars: [ratioBar('p50', measured, floor, BARS.p50), ratioBar('p99', measured, floor, BARS.p99)],
    facts,
  });
  return [
    row('ask: tool call to Bot API', distribution(samples.map(({ ask }) => ask)), {
      'first of a session': first.ask,
      'floor: append and sync': distribution(floors.map(({ began, synced }) => synced - began)),
      'floor: watch': distribution(floors.map(({ synced, woken }) => woken - synced)),
      'floor: HTTP': distribution(floors.map(({ woken, answered }) => answered - woken)),
    }),
    row('answer: press to tool result', distribution(samples.map(({ answer }) => answer)), {
      'first of a session': first.answer,
      'press to "delivered" on the card': distribution(samples.map(({ settled }) => settled)),
    }),
  ];
}
