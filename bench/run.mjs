// Bundles the program as it is published, the minimal server with the same settings, and the bench itself, into a
// directory of this run, so that a build that happens meanwhile changes nothing; then runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, programOptions } from '../scripts/bundle-options.mjs';

process.chdir(join(import.meta.dirname, '..'));
const outdir = mkdtempSync(join(tmpdir(), 'swb-bench-build-'));
let bench = null;
// Ctrl-C reaches both, other signals only this one; the bench cleans up, and this process goes last.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => bench?.kill(signal));
try {
  writeFileSync(join(outdir, 'package.json'), '{ "type": "module" }\n');
  await Promise.all([
    build({ ...programOptions, entryPoints: { switchboard: 'src/cli/main.ts' }, outdir: join(outdir, 'program') }),
    build({ ...bundleOptions, entryPoints: ['bench/minimal-server.ts'], outdir: join(outdir, 'minimal') }),
    build({ ...bundleOptions, splitting: false, minify: false, entryPoints: ownPrograms(), outdir }),
  ]);
  bench = spawn(process.execPath, [join(outdir, 'main.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
  const [code, signal] = await once(bench, 'exit');
  process.exitCode = signal ? 1 : code;
} finally {
  rmSync(outdir, { recursive: true, force: true });
}

function ownPrograms() {
  return readdirSync('bench')
    .filter((name) => name.endsWith('.ts') && basename(name) !== 'minimal-server.ts')
    .map((name) => join('bench', name));
}
