// Runs before any module: zod then builds no code from strings, which the page's policy forbids and would report. This is
// where zod itself keeps its settings. As a module it came too late: the bundle begins with zod.
globalThis.__zod_globalConfig = { jitless: true }
