import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import type { McpPlace } from '../mcp-client.ts';
import { startFaultLine } from './fault-line.ts';
import { count } from './injected.ts';
import type { FaultKind } from './kinds.ts';
import { answerUntilOver, checkPromises } from './promises.ts';
import { STEPS, type Step } from './steps.ts';

/** Makes one test of each fault at each step at which it means something; in a place of the test's own unless given. */
export function everyStep(kinds: readonly FaultKind[], place?: () => McpPlace): void {
  for (const step of STEPS) {
    describe(step.name, () => {
      for (const kind of kinds) {
        if (kind.at && !kind.at(step)) continue;
        it(`${kind.name}: every promise holds`, () => meetAll(step, [kind], place?.()));
      }
    });
  }
}

/** Stops a line at a step, lets all of these happen to it at once, lets it go on, and checks what became of it. */
export async function meetAll(step: Step, kinds: readonly FaultKind[], place?: McpPlace): Promise<void> {
  const timings = Object.assign({}, ...kinds.map((kind) => kind.timings)) as Record<string, number>;
  const line = await startFaultLine({ timings, ...(place ? { place } : {}) });
  const held = await step.reach(line);
  const mends: ((() => void) | undefined)[] = [];
  for (const kind of kinds) {
    // Of several faults one may have left nothing to the next; alone, each must happen.
    if (kinds.length > 1 && kind.possible?.(line) === false) continue;
    mends.push(await kind.inject(line, held));
    count('injected', kind.name);
  }
  held.release();
  await sleep(Math.max(...kinds.map(({ lastsMs }) => lastsMs ?? 0)));
  for (const mend of mends) mend?.();
  const consequences = {
    endsAsker: kinds.some(({ endsAsker }) => endsAsker),
    destroys: kinds.some(({ destroys }) => destroys),
  };
  await answerUntilOver(line, consequences);
  await checkPromises(line, consequences);
}
