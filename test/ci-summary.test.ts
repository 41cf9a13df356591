import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/docs.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** What vitest's JSON reporter leaves of a run: one file, with tests of these states. */
function results(states: readonly string[], file: { status?: string; message?: string } = {}): object {
  const count = (state: string): number => states.filter((each) => each === state).length;
  const failed = count('failed');
  return {
    numPassedTests: count('passed'),
    numFailedTests: failed,
    numPendingTests: count('skipped'),
    testResults: [
      {
        name: 'one.test.ts',
        status: failed > 0 ? 'failed' : 'passed',
        message: '',
        ...file,
        assertionResults: states.map((status, n) => ({
          status,
          fullName: `test ${n}`,
          failureMessages: status === 'failed' ? ['\u001b[31mError: not so\u001b[0m\n    at here'] : [],
        })),
      },
    ],
  };
}

/** Runs the end of `.ci/run` over what suites have left. */
function ends(left: Readonly<Record<string, object | string>>, ...steps: string[]) {
  const cwd = temporaryDirectory();
  mkdirSync(join(cwd, 'coverage'));
  for (const [suite, content] of Object.entries(left))
    writeFileSync(
      join(cwd, `coverage/${suite}-results.json`),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts/ci-summary.mjs'), ...steps], {
    cwd,
    encoding: 'utf8',
  });
  return { status, stdout };
}

const GOOD = results(['passed', 'passed', 'skipped']);

describe("CI's last words", () => {
  it('count what all suites have run', () => {
    expect(ends({ main: GOOD, load: GOOD }, 'main:0', 'load:0', 'static:0')).toEqual({
      status: 0,
      stdout: '4 passed, 0 failed, 2 skipped\n',
    });
  });

  it('name each test that failed, and why', () => {
    expect(ends({ main: GOOD, load: results(['passed', 'failed']) }, 'main:0', 'load:1', 'static:0')).toEqual({
      status: 1,
      stdout: 'FAILED (load) one.test.ts: test 1\n    Error: not so\n        at here\n3 passed, 1 failed, 1 skipped\n',
    });
  });

  it.each<[string, object | string | null, string, RegExp]>([
    ['a suite that left nothing', null, 'main:1', /\(main\) the whole suite\n {4}It left no results: ENOENT/],
    ['results that are cut off', '{"numPassed', 'main:1', /\(main\) the whole suite\n {4}It left no results: /],
    ['a suite without a test that passed', results([]), 'main:0', /\(main\) the whole suite\n {4}No test of it passed/],
    [
      'a hook that failed',
      results(['passed', 'skipped'], { status: 'failed' }),
      'main:1',
      /\(main\) one\.test\.ts\n {4}A hook of it failed/,
    ],
    [
      'a file that cannot be loaded',
      results(['passed'], { status: 'failed', message: 'SyntaxError: x' }),
      'main:1',
      /\(main\) one\.test\.ts\n {4}SyntaxError: x/,
    ],
    ['an error outside of all tests', GOOD, 'main:1', /\(main\) ended\n {4}with status 1; see above/],
    ['a step without tests that failed', GOOD, 'static:2', /\(static\) ended\n {4}with status 2; see above/],
  ])('fail for %s', (_what, left, step, said) => {
    const { status, stdout } = ends(left === null ? {} : { main: left }, step);
    expect(stdout).toMatch(said);
    expect(stdout).toMatch(/\d passed, 1 failed, \d skipped\n$/);
    expect(status).toBe(1);
  });
});
