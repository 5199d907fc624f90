/** The pure rules, and for each the tests that have to notice when it is changed. */
const codes = ['server/src/codes/codes.test.ts']
const policy = ['server/src/policy/*.test.ts']

export const rules = {
  'server/src/codes/code.ts': codes,
  'server/src/codes/consent.ts': codes,
  'server/src/codes/handle.ts': codes,
  'server/src/codes/link.ts': codes,
  'server/src/codes/power.ts': codes,
  'server/src/assistance/assistance.ts': ['server/src/assistance/assistance.test.ts'],
  'server/src/policy/policy.ts': policy,
  'verifier/src/tree.ts': ['verifier/src/tree.test.ts'],
  'verifier/src/checkpoint.ts': ['verifier/src/checkpoint.test.ts'],
  'verifier/src/examine.ts': ['verifier/src/examine.test.ts'],
}

/** Where what was found out about a file is kept. */
export const reportOf = (file) => `mutation/reports/${file.replaceAll('/', '_')}.json`
