import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/docs.ts';
import { copySources } from '../support/source-copy.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// What `npm publish` would hand to the registry, and what it does to whoever installs it.

// Builds, packs and installs, on a machine that may have other things to do.
const MS_MAX = 180_000;
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Runs npm in a directory, without a network, and returns what it prints. */
function npm(cwd: string, args: readonly string[], env: Record<string, string> = {}): string {
  const offline = { npm_config_offline: 'true', npm_config_loglevel: 'error', npm_config_cache: temporaryDirectory() };
  return execFileSync('npm', args, { cwd, encoding: 'utf8', env: { ...process.env, ...offline, ...env } });
}

interface Packed {
  readonly filename: string;
  readonly shasum: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs what has been built there; runs no script. */
function pack(directory: string, into: string): Packed & { readonly path: string } {
  const printed = npm(directory, ['pack', '--json', '--ignore-scripts', `--pack-destination=${into}`]);
  const packed = Object.values(JSON.parse(printed))[0] as Packed;
  return { ...packed, path: join(into, packed.filename) };
}

const destination = mkdtempSync(join(tmpdir(), 'swb-'));
afterAll(() => rmSync(destination, { recursive: true }));

let packed: ReturnType<typeof pack> | undefined;

/** The package of this very tree, packed once. */
function packedHere(): ReturnType<typeof pack> {
  packed ??= pack(ROOT, destination);
  return packed;
}

describe('the package', () => {
  it('asks for no other package, and runs nothing when it is installed', () => {
    const asking = Object.keys(manifest).filter((key) => /dependencies$/i.test(key));
    expect(asking).toEqual(['devDependencies']);
    // `prepare` runs in a clone and for an installation from git, never for one from the registry.
    const hooks = ['preinstall', 'install', 'postinstall', 'prepublish', 'prepublishOnly', 'prepack', 'postpack'];
    expect(Object.keys(manifest.scripts).filter((name) => hooks.includes(name))).toEqual([]);
  });

  it(
    'contains the built program, its page and the documentation, and nothing else',
    () => {
      const { files } = packedHere();
      const paths = files.map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining(['dist/switchboard.js', 'dist/web/index.html', 'LICENSE']));
      const expected =
        /^(dist\/[\w./-]+\.(js|css|html|svg|txt)|docs\/|plugin\/|\.claude-plugin\/|[A-Z-]+\.md$|LICENSE$|package\.json$)/;
      expect(paths.filter((path) => !expected.test(path))).toEqual([]);
      // A file of that name would make npm compile something.
      expect(paths.filter((path) => basename(path) === 'binding.gyp')).toEqual([]);
    },
    MS_MAX,
  );

  it(
    'is one package where it is installed, and runs',
    () => {
      const user = temporaryDirectory();
      writeFileSync(join(user, 'package.json'), '{}');
      npm(user, ['install', '--no-audit', '--no-fund', '--foreground-scripts', packedHere().path]);
      const installed = readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.'));
      expect(installed).toEqual([manifest.name]);
      const command = join(user, 'node_modules/.bin/switchboard');
      expect(execFileSync(command, ['--version'], { encoding: 'utf8' }).trim()).toBe(manifest.version);
    },
    MS_MAX,
  );
});

/** Every file of a directory with its content, in the order of names. */
function contentOf(directory: string): [string, string][] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return paths.map((path) => [path.slice(directory.length), readFileSync(path, 'base64')]);
}

// What a place or a moment could put into a build.
const ELSEWHERE = { TZ: 'Pacific/Apia', LC_ALL: 'tr_TR.UTF-8', HOME: '/', USER: 'nobody', NODE_ENV: 'production' };

describe('the build', () => {
  it(
    'gives the same bytes in another directory, under another name and at another time',
    () => {
      const there = join(temporaryDirectory(), 'somewhere else', 'deeper');
      copySources(there);
      execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: there, env: { ...process.env, ...ELSEWHERE } });
      expect(contentOf(join(ROOT, 'dist')).length).toBeGreaterThan(50);
      expect(contentOf(join(there, 'dist'))).toEqual(contentOf(join(ROOT, 'dist')));
      // And so does all that is published.
      expect(pack(there, temporaryDirectory()).shasum).toBe(packedHere().shasum);
    },
    MS_MAX,
  );
});
