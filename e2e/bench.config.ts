import { defineConfig } from 'vitest/config';

// What the page costs its browser; figures, not verdicts: run alone, on a machine that does nothing else.
export default defineConfig({
  test: { include: ['e2e/**/*.bench.ts'], fileParallelism: false, testTimeout: 300_000, hookTimeout: 60_000 },
});
