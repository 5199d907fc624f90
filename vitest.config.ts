import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'contract/src/**/*.test.ts',
      'verifier/src/**/*.test.ts',
      'server/src/**/*.test.ts',
      'relying-party/src/**/*.test.ts',
      'demo/**/*.test.ts',
      'backoffice/src/**/*.test.ts',
      'docs/**/*.test.ts',
      'bench/*.test.ts',
      'deploy/**/*.test.ts',
    ],
    globalSetup: ['server/src/database/testing.setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    fileParallelism: true,
    maxWorkers: 2,
  },
})
