// The end of `.ci/run`: every failure once more, since a log that is cut keeps its end, and the closing line.
// Arguments: `suite:status` for each suite that left its results in coverage/, `step:status` for every other step.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const FAILURE_LINES_MAX = 40;
const STEPS_WITHOUT_TESTS = ['static'];
const sum = { passed: 0, failed: 0, skipped: 0 };

for (const argument of process.argv.slice(2)) {
  const [step, status] = argument.split(':');
  const failures = STEPS_WITHOUT_TESTS.includes(step) ? [] : failuresOfSuite(step);
  // Whatever else a step may end by: an error outside of all tests, a process that was left running.
  if (status !== '0' && failures.length === 0)
    failures.push({ what: 'ended', why: `with status ${status}; see above` });
  for (const { what, why } of failures) tell(step, what, why);
  sum.failed += failures.length;
}
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
if (sum.failed > 0) process.exitCode = 1;

function failuresOfSuite(suite) {
  let results;
  try {
    results = JSON.parse(readFileSync(`coverage/${suite}-results.json`, 'utf8'));
  } catch (error) {
    return [{ what: 'the whole suite', why: `It left no results: ${error.message}` }];
  }
  const { numPassedTests: passed = 0, numPendingTests: skipped = 0, testResults = [] } = results;
  sum.passed += passed;
  sum.skipped += skipped;
  const failures = testResults.flatMap((file) => failuresOfFile(file));
  if (passed === 0) failures.push({ what: 'the whole suite', why: 'No test of it passed.' });
  return failures;
}

function failuresOfFile({ name, status, message, assertionResults }) {
  const file = relative('.', name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  // One that cannot be loaded, or a hook that fails, takes tests along that are not said to have failed.
  if (status === 'failed' && failed.length === 0)
    return [{ what: file, why: message || 'A hook of it failed; see above.' }];
  return failed.map((test) => ({ what: `${file}: ${test.fullName}`, why: test.failureMessages.join('\n') }));
}

function tell(step, what, why) {
  const lines = stripVTControlCharacters(why).split('\n');
  const shown = lines.slice(0, FAILURE_LINES_MAX).map((line) => `    ${line.slice(0, 500)}`);
  if (lines.length > shown.length) shown.push(`    … ${lines.length - shown.length} lines more above`);
  process.stdout.write(`${[`FAILED (${step}) ${what}`, ...shown].join('\n')}\n`);
}
