import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROGRAM } from '../support/build.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Every source file that `switchboard mcp` can ever load, at its start or later. */
function loadedByMcp(): string[] {
  const outdir = temporaryDirectory();
  const metafile = join(outdir, 'meta.json');
  // As a command: esbuild's functions leave a service process behind that outlives the test.
  execFileSync(
    join(ROOT, 'node_modules/.bin/esbuild'),
    [
      'src/cli/mcp-command.ts',
      '--bundle',
      '--splitting',
      '--format=esm',
      '--platform=node',
      '--log-level=error',
      `--outdir=${outdir}`,
      `--metafile=${metafile}`,
    ],
    { cwd: ROOT },
  );
  return Object.keys(JSON.parse(readFileSync(metafile, 'utf8')).inputs);
}

describe('the built command', () => {
  it('can be executed after every build, since an installed link leads to it', () => {
    accessSync(PROGRAM, constants.X_OK);
    expect(readFileSync(PROGRAM, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('leaves out the validator that only elicitation needs: a tenth of every start', () => {
    const licences = readFileSync(join(dirname(PROGRAM), 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    expect(licences).toMatch(/^@modelcontextprotocol\/sdk /m);
    expect(licences).not.toMatch(/^ajv/m);
  });
});

describe('what switchboard mcp is made of', () => {
  it('contains no channel, no relay, no client of a network and no library that only other commands need', () => {
    const inputs = loadedByMcp();
    expect(inputs.length).toBeGreaterThan(50);
    const foreign =
      /^src\/(relay|channels)\/|node_modules\/(telegraf|node-fetch|https-proxy-agent|commander|pino|p-queue|p-retry|express|hono|eventsource|raw-body)\//;
    expect(inputs.filter((path) => foreign.test(path))).toEqual([]);
    const own = inputs.filter((path) => path.startsWith('src/'));
    const network = /\b(fetch|WebSocket|EventSource)\(|['"](node:)?(https?|http2|tls|dgram|dns(\/promises)?)['"]/;
    expect(own.filter((path) => network.test(readFileSync(join(ROOT, path), 'utf8')))).toEqual([]);
  });
});
