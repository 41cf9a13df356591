import { defineConfig } from 'vitest/config';

// `npm run test:faults`: what `npm test` has of faults, and the long matrices and histories that it leaves out.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.{test,faults}.ts'],
    testTimeout: 60_000,
    hookTimeout: 40_000,
    maxWorkers: 5,
    globalSetup: ['test/support/faults/global-setup.ts'],
  },
});
