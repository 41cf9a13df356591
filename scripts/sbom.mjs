// `node scripts/sbom.mjs`: what dist/ is made of, as a CycloneDX document. npm writes one of the whole lock file; what is
// for development only, and so on nobody's machine, is left out of it.
import { execFileSync } from 'node:child_process';
import { bundledPackages } from './bundled-packages.mjs';

const npm = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
const sbom = JSON.parse(execFileSync('npm', npm, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
const { program, page } = await bundledPackages();
const inside = new Set([...program.packages, ...page.packages].map(({ name, version }) => `${name}@${version}`));
const own = sbom.metadata.component;

// npm takes the directory's name for the package's.
own.name = own['bom-ref'].split('@')[0];
// To npm all of them are for development, since nobody installs them.
sbom.components = sbom.components
  .filter((component) => inside.has(component['bom-ref']))
  .map(({ properties, scope, ...component }) => component);
sbom.dependencies = sbom.dependencies
  .filter(({ ref }) => ref === own['bom-ref'] || inside.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => inside.has(other)) }));

const missing = [...inside].filter((id) => !sbom.components.some((component) => component['bom-ref'] === id));
if (missing.length > 0) throw new Error(`npm names no ${missing.join(', ')}.`);
process.stdout.write(`${JSON.stringify(sbom, null, 2)}\n`);
