import { configDefaults, defineConfig } from 'vitest/config';
import { WAIT_MS_MAX } from './test/support/patience.ts';

// `npm run test:faults`: everything in test/faults. `npm test` leaves it out, since it takes minutes and needs Linux and root.
// Elsewhere only what needs no /proc runs: the store and the histories. The run's last word says what was not tried.
const NEEDS_LINUX = ['test/faults/{steps,ways,line,hub}-*.ts', 'test/faults/namespaces.faults.ts'];

export default defineConfig({
  test: {
    include: ['test/faults/**/*.{test,faults}.ts'],
    exclude: [...configDefaults.exclude, ...(process.platform === 'linux' ? [] : NEEDS_LINUX)],
    testTimeout: 2 * WAIT_MS_MAX,
    hookTimeout: 40_000,
    maxWorkers: 5,
    maxConcurrency: 4,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/results.json' }]] : ['default'],
    globalSetup: ['test/support/faults/global-setup.ts'],
  },
});
