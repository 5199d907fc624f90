import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { themeCss } from './src/theme.ts'

/** The theme as a style sheet made at build time, so that no inline style is needed and the policy can be strict. */
function themeAsCss(): Plugin {
  const id = 'virtual:theme.css'
  return {
    name: 'amparo-theme',
    resolveId: (wanted) => (wanted === id ? `\0${id}` : undefined),
    load: (wanted) => (wanted === `\0${id}` ? themeCss() : undefined),
  }
}

export default defineConfig({
  plugins: [react(), themeAsCss()],
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false },
})
