// Bundles src/cli/main.ts into dist/ as ES modules with code splitting: every command is loaded by a dynamic
// import, so `switchboard mcp` never reads the code of the hub or of telegraf. The page of the web inbox is bundled for
// browsers into dist/web/, which the hub serves as it is.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PAGE, packageFolder, pageBuild, programBuild } from './bundle-options.mjs';

const { build } = await import('esbuild').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  // Somebody who has just cloned this sees one sentence, also in what npm quotes of a failed install.
  process.stderr.write('The packages that the build needs are not installed. Run `npm ci` first.\n');
  process.exit(1);
});

// Made beside and then renamed: an installed command that links to dist/ is there, and whole, at every moment but one.
const ASIDE = 'dist.new';

rmSync(ASIDE, { recursive: true, force: true });
const [program, page] = await Promise.all([
  build({ ...programBuild, outdir: ASIDE, metafile: true }),
  build({ ...pageBuild, outdir: join(ASIDE, 'web/assets'), metafile: true }),
]);
copyFileSync(`${PAGE}/index.html`, join(ASIDE, 'web/index.html'));
copyFileSync(`${PAGE}/icon.svg`, join(ASIDE, 'web/assets/icon.svg'));
const inputs = [program, page].flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(join(ASIDE, 'THIRD-PARTY-LICENSES.txt'), licencesOf(inputs));
// npm marks the command as executable when it installs, not when it is built again behind an installed link.
chmodSync(join(ASIDE, 'switchboard.js'), 0o755);
rmSync('dist', { recursive: true, force: true });
renameSync(ASIDE, 'dist');

/** The licence texts of all packages in the bundle: their authors ask that they go along. */
function licencesOf(inputs) {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== null));
  return [...folders]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(78)}\n\n`);
}

function licenceOf(folder) {
  const {
    name,
    version: packageVersion,
    license,
    author,
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file
    ? readFileSync(join(folder, file), 'utf8')
    : `Licence: ${license}, by ${author?.name ?? author ?? 'the authors of the package'}\n`;
  return `${name} ${packageVersion}\n\n${text}`;
}
