/**
 * `amparo-verify`: checks an export of a record, with nothing but the file, the public key and whatever checkpoints others
 * kept. Needs no network, no database and no package; Node 24 runs it as it stands. Exit codes: 0 whole, 2 wrong use,
 * 4 not whole.
 */
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { keyFrom, type NamedKey } from './checkpoint.ts'
import { examiner } from './examine.ts'
import { OnlyPart, readExport, Unreadable } from './export.ts'
import { type Sentence, verdictSaid } from './words.ts'

const spanish = (process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '').toLowerCase().startsWith('es')
const inWords = (sentence: Sentence): string => (spanish ? sentence.es : sentence.en)

const usage: Sentence = {
  en: 'amparo-verify EXPORT.jsonl --key NAME+ID+KEY [--key …] [--checkpoint FILE …] [--json]\n\nThe key comes from whoever runs Amparo (amparo audit key), on another way than the export.\nA checkpoint is what a consent receipt, a webhook or the checkpoint file carried.',
  es: 'amparo-verify EXPORTACIÓN.jsonl --key NOMBRE+ID+LLAVE [--key …] [--checkpoint ARCHIVO …] [--json]\n\nLa llave la da quien opera Amparo (amparo audit key), por otro camino que la exportación.\nUn punto de control es lo que llevaba un recibo de consentimiento, un webhook o el archivo de puntos de control.',
}

function giveUp(sentence: Sentence): never {
  console.error(inWords(sentence))
  process.exit(2)
}

function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        key: { type: 'string', multiple: true, default: [] },
        checkpoint: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
      },
    })
  } catch {
    return giveUp(usage)
  }
}

function keyOf(text: string): NamedKey {
  return keyFrom(text) ?? giveUp({ en: `${text} is not a key.`, es: `${text} no es una llave.` })
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return giveUp({ en: `${path} cannot be read.`, es: `No se puede leer ${path}.` })
  }
}

function unread(path: string, error: unknown): Sentence {
  if (error instanceof OnlyPart)
    return {
      en: `${path} is a part of a record. Only a whole one can be verified: export it without a search.`,
      es: `${path} es una parte de un registro. Solo se puede verificar entero: expórtalo sin búsqueda.`,
    }
  if (error instanceof Unreadable)
    return {
      en: `${path} is not an export of a record: line ${error.line} cannot be read.`,
      es: `${path} no es una exportación de un registro: la línea ${error.line} no se puede leer.`,
    }
  return { en: `${path} cannot be read.`, es: `No se puede leer ${path}.` }
}

const { values, positionals } = asked()
const [file, ...others] = positionals
if (file === undefined || others.length > 0 || values.key.length === 0) giveUp(usage)
const began = performance.now()
const examine = examiner({ keys: values.key.map(keyOf), witnesses: values.checkpoint.map(contentOf) })
const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
await readExport(lines, examine).catch((error: unknown) => giveUp(unread(file, error)))
const verdict = examine.end()
const seconds = Math.round((performance.now() - began) / 100) / 10
if (values.json) console.log(JSON.stringify({ ...verdict, root: verdict.root.toString('base64'), seconds }))
else for (const sentence of verdictSaid(verdict, seconds)) console.log(inWords(sentence))
process.exitCode = verdict.count === 0 ? 0 : 4
