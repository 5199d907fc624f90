import { createHash } from 'node:crypto'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { themeCss } from './src/theme.ts'
import { fileOf } from './src/words/tables.ts'

/** The theme as a style sheet made at build time, so that no inline style is needed and the policy can be strict. */
function themeAsCss(): Plugin {
  const id = 'virtual:theme.css'
  return {
    name: 'amparo-theme',
    resolveId: (wanted) => (wanted === id ? `\0${id}` : undefined),
    load: (wanted) => (wanted === `\0${id}` ? themeCss() : undefined),
  }
}

/**
 * The words of each language as a file of its own, named after what is in it, and a script before the console's that asks
 * for the one of this page.
 */
function wordsAsFiles(): Plugin {
  const id = 'virtual:words'
  const asks = 'words-here'
  const files = (['en', 'es'] as const).map((language) => {
    const source = JSON.stringify(fileOf(language))
    const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8)
    return { language, source, fileName: `assets/words-${language}-${hash}.json` }
  })
  const addresses = Object.fromEntries(files.map(({ language, fileName }) => [language, `/${fileName}`]))
  const group = { name: asks, test: /words[\\/]here\.ts$|virtual:words$/ }
  return {
    name: 'amparo-words',
    config: () => ({ build: { rolldownOptions: { output: { codeSplitting: { groups: [group] } } } } }),
    resolveId: (wanted) => (wanted === id ? `\0${id}` : undefined),
    load: (wanted) => (wanted === `\0${id}` ? `export const addresses = ${JSON.stringify(addresses)}` : undefined),
    buildStart() {
      for (const { fileName, source } of files) this.emitFile({ type: 'asset', fileName, source })
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_page, { bundle = {} }) => {
        const first = Object.values(bundle).find((one) => one.type === 'chunk' && one.name === asks)
        if (!first) throw new Error('There is no script that asks for the words.')
        const attrs = { type: 'module', crossorigin: true, src: `/${first.fileName}` }
        return [{ tag: 'script', attrs, injectTo: 'head-prepend' }]
      },
    },
  }
}

export default defineConfig({
  plugins: [react(), themeAsCss(), wordsAsFiles()],
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false },
})
