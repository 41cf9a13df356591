import { once } from 'node:events';
import { now } from '../support/clock.ts';
import { MINIMAL_SERVER, SWITCHBOARD } from '../support/programs.ts';
import { type Row, ratioBar } from '../support/row.ts';
import { inScene, type Place, type Scene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';
import { distribution, round, shuffled } from '../support/stats.ts';
import { StdioClient } from '../support/stdio-client.ts';

// Starts that are not counted: they fill the caches of the file system and, where Node has one, of compiled code.
const WARM_UPS = 2;
const BAR = 1.2;

/** From spawn to the list of tools, against a minimal server on the same SDK, in interleaved rounds of changing order. */
export function coldStart(size: Size): Promise<Row[]> {
  return inScene(async (scene) => {
    const place = scene.place();
    const kinds = {
      mcp: () => listing(scene, place, [SWITCHBOARD, 'mcp']),
      minimal: () => listing(scene, place, [MINIMAL_SERVER]),
      bare: () => bareNode(scene, place),
    };
    const samples = { mcp: [] as number[], minimal: [] as number[], bare: [] as number[] };
    // Compiled code is kept when a process ends in good order.
    for (let time = 0; time < WARM_UPS; time += 1) await wholeLife(scene, place);
    for (let time = 0; time < size.startRounds; time += 1) {
      for (const kind of shuffled(Object.keys(kinds) as (keyof typeof kinds)[])) {
        samples[kind].push(await kinds[kind]());
      }
    }
    const measured = distribution(samples.mcp);
    const floor = distribution(samples.minimal);
    const bare = distribution(samples.bare);
    const row: Row = {
      name: 'cold start of mcp',
      unit: 'ms',
      measured,
      floor: { name: 'minimal server', distribution: floor },
      bars: [ratioBar('p50', measured, floor, BAR)],
      facts: {
        'node -e 0': bare,
        'minimal server / node -e 0': round(floor.p50 / bare.p50),
        'fastest mcp / fastest minimal server': round(measured.min / floor.min),
      },
    };
    return [row];
  });
}

/** Ends the server at once, before it opens anything: what it does later must not disturb the next start. */
async function listing(scene: Scene, place: Place, args: readonly string[]): Promise<number> {
  const began = now();
  const client = new StdioClient(scene.spawn(args, place));
  const took = (await client.listTools()) - began;
  const ended = once(client.child, 'close');
  client.child.kill('SIGKILL');
  await ended;
  return took;
}

async function bareNode(scene: Scene, place: Place): Promise<number> {
  const began = now();
  await once(scene.spawn(['-e', '0'], place), 'exit');
  return now() - began;
}

async function wholeLife(scene: Scene, place: Place): Promise<void> {
  await listing(scene, place, [MINIMAL_SERVER]);
  // In a home of its own, so that the hub that it starts is none of the others' business.
  const { child } = await scene.startSession(scene.place());
  const ended = once(child, 'close');
  child.stdin.end();
  await ended;
}
