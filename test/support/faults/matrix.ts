import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import type { McpPlace } from '../mcp-client.ts';
import { type FaultLine, startFaultLine } from './fault-line.ts';
import { count } from './injected.ts';
import type { FaultKind } from './kinds.ts';
import { answerUntilOver, type Consequences, checkPromises } from './promises.ts';
import { STEPS, type Step } from './steps.ts';

/** Makes one test of each fault at each step at which it means something; in a place of the test's own unless given. */
export function everyStep(kinds: readonly FaultKind[], place?: () => McpPlace, steps = STEPS): void {
  for (const step of steps) {
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
  const line = await startFaultLine({ timings: timingsOf(kinds), ...(place ? { place } : {}) });
  const done = await strike(line, step, kinds);
  await answerUntilOver(line, done);
  await checkPromises(line, done);
}

/** What these faults need to show within a test. */
export function timingsOf(kinds: readonly FaultKind[]): Record<string, number> {
  return Object.assign({}, ...kinds.map((kind) => kind.timings));
}

/** Stops a line at a step, lets all of these happen to it at once, and lets it go on; says what they have done for good. */
export async function strike(line: FaultLine, step: Step, kinds: readonly FaultKind[]): Promise<Consequences> {
  const held = await step.reach(line);
  const mends: ((() => void) | undefined)[] = [];
  for (const kind of kinds) {
    // Of several faults one may have left nothing to the next; alone, each must happen.
    if (kinds.length > 1 && kind.possible?.(line) === false) continue;
    mends.push(await kind.inject(line, held));
    count('injected', kind.name);
  }
  line.actsBefore = line.presses.length;
  held.release();
  await sleep(Math.max(...kinds.map(({ lastsMs }) => lastsMs ?? 0)));
  for (const mend of mends) mend?.();
  return {
    endsAsker: kinds.some(({ endsAsker }) => endsAsker),
    destroys: kinds.some(({ destroys }) => destroys),
  };
}
