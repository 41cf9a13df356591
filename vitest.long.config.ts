import { defineConfig } from 'vitest/config';

// `npm run test:long`: days of a hub and its sessions in some minutes.
export default defineConfig({
  test: {
    include: ['test/long/**/*.long.ts'],
    testTimeout: (Number(process.env.MINUTES ?? 2) + 3) * 60_000,
    hookTimeout: 40_000,
    globalSetup: ['test/support/global-setup.ts'],
  },
});
