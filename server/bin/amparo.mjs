#!/usr/bin/env node
// A newer Node takes the types away by itself, and leaves the rest as it is written.
if (!process.features.typescript) (await import('tsx/esm/api')).register()
await import('../src/cli.ts')
