/** The tests of the pure rules alone: no database, no browser, so that thousands of runs are affordable. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'verifier/src/{tree,examine,tampering}.test.ts',
      'server/src/codes/*.test.ts',
      'server/src/assistance/assistance.test.ts',
      'server/src/policy/*.test.ts',
    ],
    // What starts a program of its own is slow, and no mutant reaches it.
    testNamePattern: /^(?!.*(the program says|amparo config)).*$/,
    testTimeout: 60_000,
  },
})
