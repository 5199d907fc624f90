/**
 * Comes before everything else: zod then builds no code from strings, which the page's policy forbids and would report.
 * This is where zod itself keeps its settings, shared by every copy of it in a page.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })
