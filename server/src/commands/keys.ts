/** `amparo keys`: key files. What is in them is never shown. */
import { makeKeys } from '../keys.ts'
import type { Register } from './terminal.ts'

export const keysCommand: Register = (program, terminal) => {
  const keys = program.command('keys').description(terminal.words({ en: 'key files', es: 'archivos de llaves' }))
  keys
    .command('new <file>')
    .description(terminal.words({ en: 'make a key file', es: 'crea un archivo de llaves' }))
    .action((file: string) => makeKeys(file))
}
