import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { packageFolder, pageBuild, programBuild } from './bundle-options.mjs';

const { packages: locked } = JSON.parse(readFileSync('package-lock.json', 'utf8'));

/** The packages of others that become part of dist/, by part; bundles without writing anything. */
export async function bundledPackages() {
  const [program, page] = await Promise.all([programBuild, pageBuild].map(packagesIn));
  return { program, page };
}

async function packagesIn(options) {
  const { metafile } = await build({ ...options, outdir: 'nowhere', metafile: true, write: false });
  const sizes = Object.values(metafile.outputs).map(({ bytes }) => bytes);
  return { bytes: sizes.reduce((total, size) => total + size, 0), packages: packagesOf(metafile) };
}

/** Largest first. `bytes`: how much of them is in the output. */
function packagesOf({ inputs, outputs }) {
  const bytes = new Map();
  for (const input of Object.keys(inputs)) if (packageFolder(input)) bytes.set(packageFolder(input), 0);
  for (const output of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = packageFolder(input);
      if (folder) bytes.set(folder, bytes.get(folder) + bytesInOutput);
    }
  }
  const folders = [...bytes.keys()];
  return folders
    .sort((a, b) => bytes.get(b) - bytes.get(a))
    .map((folder) => ({
      folder,
      name: nameOf(folder),
      version: locked[folder].version,
      licence: JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).license,
      asked_for_by: askersOf(folder, folders),
      bytes: bytes.get(folder),
    }));
}

/** Who among those in the bundle asks for it, by name and with the range of versions; "" is this project. */
function askersOf(folder, folders) {
  const name = nameOf(folder);
  const asking = ['', ...folders].map((asker) => {
    const { dependencies = {}, devDependencies = {} } = locked[asker];
    const range = asker === '' ? devDependencies[name] : dependencies[name];
    return range && found(asker, name) === folder ? { by: nameOf(asker), range } : null;
  });
  return asking.filter((each) => each !== null);
}

/** The folder that a package gets when it asks for another: its own, or the next one above. */
function found(asker, name) {
  const nested = `${asker}/node_modules/${name}`;
  return locked[nested] ? nested : `node_modules/${name}`;
}

function nameOf(folder) {
  return folder.split('node_modules/').at(-1);
}
