// `node scripts/dependencies.mjs`: the packages of others that become part of dist/, as JSON: what docs/dependencies.md
// must say of them.
import { bundledPackages } from './bundled-packages.mjs';

process.stdout.write(`${JSON.stringify(await bundledPackages(), null, 2)}\n`);
