import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');

/** The built command, as a user's `switchboard`. `SWITCHBOARD_TEST_PROGRAM` names another build of it. */
export const PROGRAM = process.env.SWITCHBOARD_TEST_PROGRAM ?? join(ROOT, 'dist/switchboard.js');

/** Builds the command unless what is there is newer than every source. */
export function buildWhenNeeded(): void {
  if (process.env.SWITCHBOARD_TEST_PROGRAM) return;
  const built = statSync(PROGRAM, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > newestChange()) return;
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
}

function newestChange(): number {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(tsx?|css|html|svg)$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => join(ROOT, 'src', name));
  const others = ['scripts/build.mjs', 'scripts/bundle-options.mjs', 'package.json'].map((name) => join(ROOT, name));
  const files = [...sources, ...others];
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
