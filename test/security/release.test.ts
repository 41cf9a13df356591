import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { page, ROOT } from '../support/docs.ts';
import { bundledPackages, copySources } from '../support/source-copy.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// The workflows cannot be run here. What they say is read, and each of their steps that needs no network is run as it stands.

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly container?: { readonly image: string };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = join(ROOT, '.github/workflows');
const files = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }));
const workflow = (name: string) => parse(files.find((file) => file.name === name)?.text ?? '') as Workflow;
const [ci, release] = [workflow('ci.yml'), workflow('release.yml')];
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);
const manifest = JSON.parse(page('package.json').text);

// What needs the registry, GitHub, or more than half an hour.
const ELSEWHERE = ['npm ci', 'npm audit', 'npm publish', 'gh release', '.ci/run', 'npm test'];
const isElsewhere = (run: string) => ELSEWHERE.some((start) => run.startsWith(start));

describe.each(files)('.github/workflows/$name', ({ name, text }) => {
  const steps = stepsOf(workflow(name));

  it('names every action by its commit, and the version beside it', () => {
    const used = text.split('\n').filter((line) => /\buses:/.test(line));
    expect(used.length).toBeGreaterThan(3);
    expect(used.filter((line) => !/uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it('knows no secret, leaves no token in the clone, and runs no text that somebody else may have written', () => {
    expect(text).not.toMatch(/\bsecrets\b|pull_request_target|registry-url/);
    const clones = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(clones.length).toBeGreaterThan(1);
    expect(clones.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
    // What stands in ${{ }} becomes part of the script; the environment does not.
    expect(steps.filter(({ run }) => run?.includes('${{'))).toEqual([]);
  });
});

describe('CI', () => {
  it('may only read, and tests every line of Node from the oldest that is promised', () => {
    expect(ci.permissions).toEqual({ contents: 'read' });
    expect(Object.values(ci.jobs).filter(({ permissions }) => permissions !== undefined)).toEqual([]);
    const { linux } = ci.jobs as Record<string, Job & { strategy: { matrix: { node: number[] } } }>;
    expect(manifest.engines.node).toBe(`>=${linux?.strategy.matrix.node[0]}.19`);
    expect(linux?.strategy.matrix.node).toEqual([20, 22, 24, 26]);
    expect(linux?.steps.some(({ run }) => run === '.ci/run')).toBe(true);
  });

  it('asks for advisories of all severities, and verifies signatures', () => {
    const runs = ci.jobs.audit?.steps.map(({ run }) => run);
    expect(runs).toEqual(expect.arrayContaining(['npm audit --audit-level=low', 'npm audit signatures']));
  });
});

describe('a release', () => {
  it('is published by the one job that may ask npm for it, which runs nothing of ours or of others', () => {
    const { check, pack, publish, tell } = release.jobs as Record<string, Job>;
    expect(release.permissions).toEqual({});
    expect([check?.permissions, pack?.permissions]).toEqual([{ contents: 'read' }, { contents: 'read' }]);
    expect([publish?.permissions, publish?.environment]).toEqual([{ 'id-token': 'write' }, 'npm']);
    expect(tell?.permissions).toEqual({ contents: 'write' });
    for (const job of [publish, tell]) {
      expect(job?.steps.some(({ uses }) => uses?.startsWith('actions/checkout@'))).toBe(false);
      expect(job?.steps.filter(({ run }) => /^npm (?!publish )|^node |npx/.test(run ?? ''))).toEqual([]);
    }
    expect(publish?.steps.at(-1)?.run).toBe(
      'npm publish ./release/*.tgz --provenance --access public --ignore-scripts',
    );
  });

  it('is checked by everything that a change is, and audited', () => {
    const runs = release.jobs.check?.steps.map(({ run }) => run);
    expect(runs).toEqual(expect.arrayContaining(['npm audit --audit-level=low', 'npm audit signatures', '.ci/run']));
  });

  it('has the package, what it is made of, sums and notes: every step that needs no network, as it stands', () => {
    const place = join(temporaryDirectory(), 'clone');
    copySources(place);
    writeFileSync(
      join(place, 'CHANGELOG.md'),
      `# Changelog\n\n## ${manifest.version}\n\n- New.\n\n## 0.0.1\n\n- Old.\n`,
    );
    const tag = { GITHUB_REF_NAME: `v${manifest.version}`, npm_config_offline: 'true', npm_config_loglevel: 'error' };
    // In the order of the jobs, which hand `release/` on: one place has it all here.
    const runs = stepsOf(release).flatMap(({ run }) => (run === undefined ? [] : [run]));
    const here = runs.filter((run) => !isElsewhere(run));
    expect(here.length).toBeGreaterThan(7);
    for (const run of here) {
      const { status, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', run], {
        cwd: place,
        encoding: 'utf8',
        env: { ...process.env, ...tag },
      });
      expect({ run, status, stderr }).toMatchObject({ run, status: 0 });
    }
    const made = readdirSync(join(place, 'release')).sort();
    const tarball = `${manifest.name}-${manifest.version}.tgz`;
    expect(made).toEqual(['SHA256SUMS', 'sbom.cdx.json', tarball].sort());
    expect(readFileSync(join(place, 'notes/notes.md'), 'utf8')).toMatch(
      /^- New\.\n\nBuilt with Node v\d\S+ and npm \d\S+\.\n$/,
    );
    const { components } = JSON.parse(readFileSync(join(place, 'release/sbom.cdx.json'), 'utf8'));
    const { program, page: webPage } = bundledPackages();
    const inside = [...program.packages, ...webPage.packages].map(({ name, version }) => `${name}@${version}`);
    expect(components.map((each: { 'bom-ref': string }) => each['bom-ref']).sort()).toEqual(inside.sort());
  }, 180_000);
});

describe('scripts/check-release.mjs', () => {
  const CHANGELOG =
    '# Changelog\n\n## Unreleased\n\n## 1.2.0 (2030-01-02)\n\n- What is new.\n\n## 1.1.0\n\n- What was.\n';
  const REPOSITORY = { GITHUB_SERVER_URL: 'https://example.org', GITHUB_REPOSITORY: 'ada/switchboard' };

  /** Checks a tag in a repository that says this of itself; version 1.2.0, ready for release, unless told otherwise. */
  function check(tag: string, said: { version?: string; lock?: string; changelog?: string; url?: string } = {}) {
    const { version = '1.2.0', lock = version, changelog = CHANGELOG, url } = said;
    const place = temporaryDirectory();
    const write = (path: string, value: object) => writeFileSync(join(place, path), JSON.stringify(value));
    mkdirSync(join(place, 'plugin/.claude-plugin'), { recursive: true });
    write('package.json', { name: 'x', version, ...(url === undefined ? {} : { repository: { type: 'git', url } }) });
    write('package-lock.json', { version: lock, packages: { '': { version } } });
    write('plugin/.claude-plugin/plugin.json', { version });
    writeFileSync(join(place, 'CHANGELOG.md'), changelog);
    const { GITHUB_REPOSITORY: _, ...outside } = process.env;
    const env = { ...outside, ...(url === undefined ? {} : REPOSITORY) };
    const script = join(ROOT, 'scripts/check-release.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, tag], {
      cwd: place,
      encoding: 'utf8',
      env,
    });
    return { status, stdout, stderr };
  }

  it('lets the tag pass that is the version, and prints its section', () => {
    expect(check('v1.2.0')).toEqual({ status: 0, stdout: '- What is new.\n', stderr: '' });
    const url = 'git+https://example.org/ada/switchboard.git';
    expect(check('v1.2.0', { url })).toMatchObject({ status: 0 });
  });

  it.each([
    ['another tag', 'v1.2.1', {}, 'The tag is to be v1.2.0'],
    ['a tag without its v', '1.2.0', {}, 'The tag is to be v1.2.0'],
    ['no tag', '', {}, 'No tag cannot be released'],
    ['a version that is not in the changelog', 'v1.3.0', { version: '1.3.0' }, 'has no section "## 1.3.0"'],
    ['a version whose beginning is', 'v1.2', { version: '1.2' }, '1.2 is no version'],
    ['a section without a line', 'v1.2.0', { changelog: '## 1.2.0\n\n## 1.1.0\n\n- Old.\n' }, 'is empty'],
    ['lines that are left', 'v1.2.0', { changelog: `## Unreleased\n\n- Left.\n\n${CHANGELOG}` }, 'still has lines'],
    ['a lock file of before', 'v1.2.0', { lock: '1.1.0' }, 'package-lock.json says 1.1.0: set it to 1.2.0'],
    ['no repository', 'v1.2.0', { url: '' }, 'names no repository: set repository.url to git+https://example.org/ada/'],
    [
      'another repository',
      'v1.2.0',
      { url: 'git+https://example.org/eve/x.git' },
      'names git+https://example.org/eve/x.git',
    ],
  ])('stops %s, says why, and prints no notes', (_what, tag, said, words) => {
    const { status, stdout, stderr } = check(tag, said);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).toContain('nothing was published');
  });
});
