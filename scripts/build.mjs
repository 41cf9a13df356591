// Bundles src/cli/main.ts into dist/ as ES modules with code splitting: every command is loaded by a dynamic
// import, so `switchboard mcp` never reads the code of the hub or of telegraf.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.mjs';

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { switchboard: 'src/cli/main.ts' },
  outdir: 'dist',
  ...bundleOptions,
  metafile: true,
});
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licencesOf(Object.keys(metafile.inputs)));

/** The licence texts of all packages in the bundle: their authors ask that they go along. */
function licencesOf(inputs) {
  const folders = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  return [...folders]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(78)}\n\n`);
}

function licenceOf(folder) {
  const { name, version: packageVersion, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8') : `Licence: ${license}\n`;
  return `${name} ${packageVersion}\n\n${text}`;
}
