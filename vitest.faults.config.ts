import { defineConfig } from 'vitest/config';

// `npm run test:faults`: everything in test/faults. `npm test` leaves it out, since it takes minutes and needs Linux and root.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.{test,faults}.ts'],
    testTimeout: 60_000,
    hookTimeout: 40_000,
    maxWorkers: 5,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/results.json' }]] : ['default'],
    globalSetup: ['test/support/faults/global-setup.ts'],
  },
});
