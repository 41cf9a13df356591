import { configDefaults, defineConfig } from 'vitest/config';
import { missingForClaude } from './test/support/claude-program.ts';
import { WAIT_MS_MAX } from './test/support/patience.ts';

// Where it must be there, its tests run and fail without it; elsewhere the run ends with a warning as its last word.
const missing = process.env.CI ? null : missingForClaude();
const withoutClaude = missing !== null;
if (withoutClaude) {
  const line = '!'.repeat(100);
  process.once('exit', () => {
    process.stderr.write(
      `\n${line}\nNOT RUN: test/claude, the tests with the real Claude Code.\n${missing}\n${line}\n`,
    );
  });
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(withoutClaude ? ['test/claude/**'] : [])],
    passWithNoTests: withoutClaude,
    testTimeout: 2 * WAIT_MS_MAX,
    hookTimeout: 40_000,
    expect: { poll: { timeout: WAIT_MS_MAX } },
    // No test leaves anything behind in its process, so the files that run in one share what they import: a fresh process
    // and fresh modules for each more than double the processor time of the unit tests.
    isolate: false,
    // Most of a test's time is waiting for processes: three at once keep two cores busy and no more.
    maxWorkers: 3,
    globalSetup: ['test/support/global-setup.ts'],
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/results.json' }]] : ['default'],
  },
});
