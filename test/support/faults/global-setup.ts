import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import setUpTests from '../global-setup.ts';
import type { Count } from './injected.ts';
import { MUST_BE_CHECKED, MUST_BE_INJECTED } from './must-happen.ts';
import { missingHere } from './system.ts';

/** The arguments of `npm run test:faults`. */
const WHOLE_RUN: ReadonlySet<string> = new Set(['run', '--config', 'vitest.faults.config.ts']);

/**
 * As for all tests; and prints at the end of the run what was injected and what was checked, so that nobody believes a
 * suite that injected nothing. A whole run that lacks a kind fails; on a system that cannot make all faults it says, as its
 * last word, what was not tried. In CI nothing may be missing.
 */
export default function setUp(): () => void {
  const lacking = missingHere();
  const words = `This system lacks what the fault suite needs:\n${lacking.map((need) => `  ${need}\n`).join('')}`;
  if (lacking.length > 0 && process.env.CI) throw new Error(words);
  const tearDownTests = setUpTests();
  const directory = mkdtempSync(join(tmpdir(), 'swb-counts-'));
  const file = join(directory, 'counts.jsonl');
  writeFileSync(file, '');
  process.env.SWITCHBOARD_TEST_COUNTS = file;
  return () => {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    rmSync(directory, { recursive: true });
    const counts = sum(lines.map((line) => JSON.parse(line) as Count));
    process.stdout.write(table('injected', counts) + table('checked', counts));
    tearDownTests();
    // A run of some files or tests need not inject everything.
    if (process.argv.slice(2).some((argument) => !WHOLE_RUN.has(argument))) return;
    const missing = [...MUST_BE_INJECTED, ...MUST_BE_CHECKED].filter((kind) => !counts.has(kind));
    if (missing.length === 0) return;
    if (lacking.length > 0) {
      const line = '!'.repeat(100);
      process.once('exit', () => {
        process.stderr.write(
          `\n${line}\nNOT TRIED:\n${missing.map((kind) => `  ${kind}\n`).join('')}${words}${line}\n`,
        );
      });
      return;
    }
    process.exitCode = 1;
    throw new Error(`Never injected or checked in the whole run:\n${missing.map((kind) => `  ${kind}`).join('\n')}`);
  };
}

type Sums = ReadonlyMap<string, Count>;

function sum(counts: readonly Count[]): Sums {
  const sums = new Map<string, Count>();
  for (const count of counts) {
    const key = count.kind;
    sums.set(key, { ...count, times: (sums.get(key)?.times ?? 0) + count.times });
  }
  return sums;
}

function table(what: Count['what'], sums: Sums): string {
  const rows = [...sums.values()].filter((each) => each.what === what);
  const lines = rows
    .map(({ kind, times }) => `${String(times).padStart(8)}  ${kind}\n`)
    .sort((a, b) => a.slice(10).localeCompare(b.slice(10)));
  return `\n${what}:\n${lines.join('')}`;
}
