// The end of `.ci/run`: every failure of every suite once more, since a log that is cut keeps its end, and the closing line.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const FAILURE_LINES_MAX = 40;
const sum = { passed: 0, failed: 0, skipped: 0 };

for (const suite of process.argv.slice(2)) {
  const file = `coverage/${suite}-results.json`;
  const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = results ?? {};
  if (passed === 0) tellFailure(suite, 'the whole suite', results ? 'No test of it passed.' : 'It left no results.');
  if (passed === 0 || failed > 0) process.exitCode = 1;
  sum.passed += passed;
  sum.failed += Math.max(failed, passed === 0 ? 1 : 0);
  sum.skipped += skipped;
  for (const { name, message, assertionResults } of results?.testResults ?? []) {
    const tests = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName, failureMessages } of tests)
      tellFailure(suite, `${relative('.', name)}: ${fullName}`, failureMessages.join('\n'));
    if (message && tests.length === 0) tellFailure(suite, relative('.', name), message);
  }
}
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);

function tellFailure(suite, what, why) {
  const lines = stripVTControlCharacters(why).split('\n');
  const shown = lines.slice(0, FAILURE_LINES_MAX).map((line) => `    ${line.slice(0, 500)}`);
  if (lines.length > shown.length) shown.push(`    … ${lines.length - shown.length} lines more above`);
  process.stdout.write(`${[`FAILED (${suite}) ${what}`, ...shown].join('\n')}\n`);
}
