import { defineConfig } from 'vitest/config';

// The program booted for real on a free port, its page in real Chromium: one test file at a time, so that the
// processes of one do not starve the other.
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
