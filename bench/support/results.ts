import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Growth } from './growth.ts';
import type { Row } from './row.ts';

/** Kept out of git: the results of one machine. */
const DIRECTORY = 'bench/results';
/** Kept in git by `--write-docs`: what a machine that has no result yet is compared with. */
export const BASELINE = 'bench/baseline.json';

/** What a run has measured. */
export interface Result {
  readonly at: string;
  /** What was measured: its version and commit, e.g. `0.1.0 (9dd13b8)`. Results of before have none. */
  readonly program?: string;
  readonly quick: boolean;
  readonly seconds: number;
  readonly machine: {
    readonly node: string;
    readonly platform: string;
    readonly cores: number;
    readonly cpu: string;
    readonly load_before: number;
    readonly load_after: number;
    readonly system_calls: string;
  };
  readonly rows: readonly Row[];
  readonly growth: readonly Growth[];
}

/** Keeps a result beside the earlier ones; returns its path. */
export function keep(result: Result): string {
  mkdirSync(DIRECTORY, { recursive: true });
  const path = join(process.cwd(), DIRECTORY, `${result.at.replaceAll(':', '-')}.json`);
  write(path, result);
  return path;
}

/** Writes a result as JSON. */
export function write(path: string, result: Result): void {
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
}

/** The result in the file that is named; else those of the same kind that are here, newest first, and the baseline. */
export function resultsBefore(path: string, quick: boolean): Result[] {
  if (path !== '') return [read(path)];
  const names = existsSync(DIRECTORY) ? readdirSync(DIRECTORY).filter((name) => name.endsWith('.json')) : [];
  const paths = names
    .sort()
    .reverse()
    .map((name) => join(DIRECTORY, name));
  return [...paths, ...(existsSync(BASELINE) ? [BASELINE] : [])].map(read).filter((result) => result.quick === quick);
}

function read(path: string): Result {
  const result: Result = JSON.parse(readFileSync(path, 'utf8'));
  // Results of before growth was measured have none.
  return { ...result, growth: result.growth ?? [] };
}
