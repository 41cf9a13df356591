import { chmodSync, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'vitest';
import { type FaultLine, startFaultLine } from '../support/faults/fault-line.ts';
import { DIRECTORY_READ_ONLY } from '../support/faults/file-kinds.ts';
import type { FaultKind } from '../support/faults/kinds.ts';
import { strike } from '../support/faults/matrix.ts';
import { answerUntilOver, checkPromises } from '../support/faults/promises.ts';
import { STEPS } from '../support/faults/steps.ts';
import { unless } from '../support/faults/system.ts';

// Root may write everywhere, unless it has laid that down: then rights hold for it as for anybody.
const RIGHTS = '-dac_override,-dac_read_search';
const AS_ANYBODY = process.getuid?.() === 0 ? ['setpriv', `--bounding-set=${RIGHTS}`, `--inh-caps=${RIGHTS}`] : [];

/** Takes away the right to write, of a directory with its locks and of the file; returns how to give it back. */
function makeReadOnly({ path, lock }: FaultLine): () => void {
  const places = [path, dirname(lock), dirname(path)].filter((place) => existsSync(place));
  const modes = places.map((place) => [place, statSync(place).mode & 0o777] as const);
  for (const [place, mode] of modes) chmodSync(place, mode & 0o555);
  return () => {
    for (const [place, mode] of modes) chmodSync(place, mode);
  };
}

const READ_ONLY: FaultKind = { name: DIRECTORY_READ_ONLY, lastsMs: 300, inject: makeReadOnly };

describe.skipIf(unless('setpriv'))('a sessions directory that may not be written', () => {
  for (const step of STEPS) {
    it(`${step.name}: every promise holds`, async () => {
      const line = await startFaultLine({ through: { asker: AS_ANYBODY, witness: AS_ANYBODY } });
      const done = await strike(line, step, [READ_ONLY]);
      await answerUntilOver(line, done);
      await checkPromises(line, done);
    });
  }
});
