import { defineConfig } from 'vitest/config';

// The program booted for real on a free port, its page in real Chromium: one test file at a time, so that the
// processes of one do not starve the other.
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    fileParallelism: false,
    // Deadlines, never waits: a busy machine may need them, a fast one does not notice.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000, interval: 50 } },
  },
});
