import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { it } from 'vitest';
import { FILE_FAULTS } from '../support/faults/file-kinds.ts';
import {
  CLOCK_FAULTS,
  type FaultKind,
  LOCK_FAULTS,
  NETWORK_FAULTS,
  PROCESS_FAULTS,
  UPDATE_FAULTS,
  WATCH_FAULTS,
} from '../support/faults/kinds.ts';
import { meetAll } from '../support/faults/matrix.ts';
import { STEPS } from '../support/faults/steps.ts';

// Some faults at once, chosen by chance: a part with the same seed each time, a part with a new one.
const RUNS = 12;
const FIXED_SEED = 20261120;

const disturbances: readonly FaultKind[] = [
  ...LOCK_FAULTS,
  ...FILE_FAULTS,
  ...NETWORK_FAULTS,
  ...CLOCK_FAULTS,
  ...WATCH_FAULTS,
];
const chosen = fc
  .record({
    step: fc.constantFrom(...STEPS),
    // First what the files and the network do, then what kills: the other way round nothing would be left to disturb.
    kinds: fc.tuple(
      fc.constantFrom(...disturbances),
      fc.constantFrom(...disturbances),
      fc.constantFrom(...UPDATE_FAULTS, ...PROCESS_FAULTS),
    ),
  })
  .map(({ step, kinds }) => ({
    step,
    kinds: kinds.filter((kind, n) => kinds.indexOf(kind) === n && (kind.at?.(step) ?? true)),
  }));

for (const seed of [FIXED_SEED, Number(process.env.SEED ?? randomInt(2 ** 31))]) {
  for (const [n, { step, kinds }] of fc.sample(chosen, { seed, numRuns: RUNS }).entries()) {
    const names = kinds.map(({ name }) => name).join(', ');
    it(`${n + 1} of SEED=${seed}, ${step.name}: ${names}`, () => meetAll(step, kinds));
  }
}
