// `node scripts/check-release.mjs v1.2.3`: may this tag be released? Prints the section of the changelog, which becomes the
// release's notes; or says on stderr what does not fit, and ends with status 1.
import { readFileSync } from 'node:fs';

// npm would take a version with a hyphen for no user's newest one, and wants to be told what it is instead.
const VERSION = /^\d+\.\d+\.\d+$/;

const [tag = ''] = process.argv.slice(2);
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const manifest = readJson('package.json');
const { version } = manifest;
const notes = sectionOf(version);
const faults = [...faultsOfVersion(), ...faultsOfChangelog(), ...faultsOfRepository()];

if (faults.length > 0) {
  const list = faults.map((fault) => `  - ${fault}\n`).join('');
  process.stderr.write(`${tag || 'No tag'} cannot be released; nothing was published:\n${list}`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${notes}\n`);
}

function faultsOfVersion() {
  const lock = readJson('package-lock.json');
  const places = {
    'package-lock.json': lock.version,
    'the root of package-lock.json': lock.packages[''].version,
    'plugin/.claude-plugin/plugin.json': readJson('plugin/.claude-plugin/plugin.json').version,
  };
  const others = Object.entries(places).filter(([, said]) => said !== version);
  return [
    ...(tag === `v${version}` ? [] : [`The tag is to be v${version}, since package.json says ${version}.`]),
    ...(VERSION.test(version) ? [] : [`${version} is no version such as 1.2.3.`]),
    ...others.map(([place, said]) => `${place} says ${said}: set it to ${version}.`),
  ];
}

function faultsOfChangelog() {
  if (notes === null) return [`CHANGELOG.md has no section "## ${version}": call "## Unreleased" so.`];
  if (notes === '') return [`The section "## ${version}" of CHANGELOG.md is empty.`];
  // What is left there has been forgotten, or belongs to no release yet: then it is on another branch.
  return sectionOf('Unreleased') ? ['CHANGELOG.md still has lines under "## Unreleased".'] : [];
}

/** npm takes a provenance only of a package that names the repository which the workflow runs in. */
function faultsOfRepository() {
  const { GITHUB_REPOSITORY: repository, GITHUB_SERVER_URL: server } = process.env;
  if (!repository || !server) return [];
  const named = manifest.repository?.url ?? manifest.repository ?? '';
  const wanted = `git+${server}/${repository}.git`;
  return named === wanted ? [] : [`package.json names ${named || 'no repository'}: set repository.url to ${wanted}.`];
}

/** What stands under `## <name>`, with or without a date behind it; null when there is no such heading. */
function sectionOf(name) {
  const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/[\s(]/, 1)[0] === name);
  return section === undefined ? null : section.slice(section.indexOf('\n')).trim();
}
