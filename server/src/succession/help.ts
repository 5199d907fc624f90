/** The pages of the manual that belong to the steps: read once at the start, in both languages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Language } from '@amparo/contract/words'

export interface HelpPage {
  readonly title: string
  /** Paragraphs and lists, in their order. */
  readonly blocks: readonly (string | readonly string[])[]
}
export interface Help {
  has(language: Language, topic: string): boolean
  title(topic: string, language: Language): string
  page(language: Language, topic: string): HelpPage | undefined
}

/** Every page under `folder/{en,es}`. */
export function helpFrom(folder: string): Help {
  const pages = new Map<string, HelpPage>()
  for (const language of ['en', 'es']) {
    if (!existsSync(join(folder, language))) continue
    for (const file of readdirSync(join(folder, language)).filter((name) => name.endsWith('.md'))) {
      pages.set(`${language}/${file.slice(0, -3)}`, pageOf(readFileSync(join(folder, language, file), 'utf8')))
    }
  }
  const page = (language: Language, topic: string) => pages.get(`${language}/${topic}`)
  return {
    page,
    has: (language, topic) => page(language, topic) !== undefined,
    title: (topic, language) => page(language, topic)?.title ?? topic,
  }
}

/** `# Title`, paragraphs, and lists of `- `: the manual needs no more. */
function pageOf(text: string): HelpPage {
  const [head = '', ...blocks] = text.trim().split(/\n{2,}/)
  return {
    title: head.replace(/^#\s*/, ''),
    blocks: blocks.map((block) =>
      block.startsWith('- ') ? block.split('\n').map((line) => line.replace(/^- /, '')) : block.replaceAll('\n', ' '),
    ),
  }
}
