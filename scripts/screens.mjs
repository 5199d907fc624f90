/** `npm run screens`: makes sure that everything is there, then takes a picture of every screen. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBackoffice, ensureChromium, ensureDependencies, root } from './ground.mjs'

ensureDependencies()
ensureBackoffice()
process.env.AMPARO_CHROMIUM ??= ensureChromium()
process.chdir(root)
await import('tsx')
await import(pathToFileURL(join(root, 'demo/screens/walk.ts')).href)
