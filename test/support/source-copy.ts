import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT } from './docs.ts';

const NOT_SOURCE = new Set(['node_modules', 'dist', 'dist.new', 'coverage', '.git', '.planning', 'test', 'bench']);

/** What `scripts/dependencies.mjs` says of a package of others in the build. */
export interface Bundled {
  /** Below the root. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** `by`: "" is this project. */
  readonly asked_for_by: readonly { readonly by: string; readonly range: string }[];
  /** Of it in the output. */
  readonly bytes: number;
}

type BundledParts = Record<'program' | 'page', { readonly bytes: number; readonly packages: readonly Bundled[] }>;

let known: BundledParts | null = null;

/** What of others becomes part of the program and of its page. */
export function bundledPackages(): BundledParts {
  // As a command: esbuild's functions leave a service process behind that outlives the test.
  known ??= JSON.parse(
    execFileSync(process.execPath, ['scripts/dependencies.mjs'], { cwd: ROOT, encoding: 'utf8' }),
  ) as BundledParts;
  return known;
}

/** Copies the sources into a directory of another place, with the packages that become part of the build. */
export function copySources(directory: string): void {
  mkdirSync(directory, { recursive: true });
  cpSync(ROOT, directory, {
    recursive: true,
    filter: (path) => path === ROOT || dirname(path) !== ROOT || !NOT_SOURCE.has(basename(path)),
  });
  for (const { folder } of Object.values(bundledPackages()).flatMap(({ packages }) => packages)) {
    // Half of them are types and maps, which no build reads.
    const filter = (path: string) => !/\.(d\.[cm]?ts|map)$/.test(path);
    cpSync(join(ROOT, folder), join(directory, folder), { recursive: true, filter });
  }
  symlinkSync(join(ROOT, 'node_modules/esbuild'), join(directory, 'node_modules/esbuild'));
}
