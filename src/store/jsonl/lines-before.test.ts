import { closeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { linesFrom } from './lines.ts';
import { linesBefore } from './lines-before.ts';
import { type OpenLog, openLog } from './open-log.ts';

const CHUNK = 64 * 1024;

function logOf<T>(text: string, use: (log: OpenLog) => T): T {
  const path = join(temporaryDirectory(), 'log.jsonl');
  writeFileSync(path, text);
  const log = openLog(path, 'read') as OpenLog;
  try {
    return use(log);
  } finally {
    closeSync(log.fd);
  }
}

describe('linesBefore', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['no complete line', 'torn'],
    ['empty lines', '\n\na\n\n'],
    ['a torn tail', 'a\nb\nto'],
    ['lines that end where a chunk does', `${'x'.repeat(CHUNK - 1)}\n${'y'.repeat(CHUNK - 1)}\n`],
    ['a line of several chunks', `a\n${'ä'.repeat(CHUNK * 2)}\nb\n`],
    ['a torn tail of several chunks', `a\n${'x'.repeat(CHUNK * 3)}`],
    ['a line that is too long to be a record', `a\n${'x'.repeat(1_100_000)}\nb\n`],
  ])('gives the lines that linesFrom gives, the last one first: %s', (_what, text) => {
    logOf(text, (log) => {
      expect([...linesBefore(log, Number.POSITIVE_INFINITY)].reverse()).toEqual([...linesFrom(log, 0)]);
    });
  });

  it('does so of any text, and from any line on', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', 'a\n', '{"v":1}\n', 'ü\n', 'torn'),
      fc.integer({ min: CHUNK - 3, max: CHUNK + 3 }).map((length) => `${'z'.repeat(length)}\n`),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(), (pieces, choice) => {
        logOf(pieces.join(''), (log) => {
          const lines = [...linesFrom(log, 0)];
          expect([...linesBefore(log, log.size)].reverse()).toEqual(lines);
          const from = lines.length === 0 ? 0 : choice % lines.length;
          expect([...linesBefore(log, lines[from]?.position ?? 0)].reverse()).toEqual(lines.slice(0, from));
        });
      }),
      { numRuns: 60 },
    );
  });
});
