/** What was found, in words, in both languages. */
import type { Fault, Verdict } from './examine.ts'

export interface Sentence {
  readonly en: string
  readonly es: string
}

const entry = ({ seq, id }: { readonly seq: number; readonly id?: string | undefined }): string =>
  id === undefined ? String(seq) : `${seq} (${id})`

/** One fault as a sentence. */
export function faultSaid(fault: Fault): Sentence {
  switch (fault.fault) {
    case 'changed':
      return {
        en: `Record ${entry(fault)} does not match: its text was changed.`,
        es: `El registro ${entry(fault)} no coincide: cambiaron su texto.`,
      }
    case 'deleted':
      return { en: `Record ${entry(fault)} is missing.`, es: `Falta el registro ${entry(fault)}.` }
    case 'moved':
      return {
        en: `Record ${entry(fault)} stands in the wrong place: it belongs at ${fault.belongs}.`,
        es: `El registro ${entry(fault)} está fuera de su sitio: le corresponde el ${fault.belongs}.`,
      }
    case 'inserted': {
      const where = fault.seq === undefined ? fault.id : entry({ seq: fault.seq, id: fault.id })
      return { en: `Record ${where} was put in from outside.`, es: `El registro ${where} se metió desde fuera.` }
    }
    case 'rewritten': {
      const [from, to] = [fault.from, fault.to - 1]
      return fault.witness
        ? {
            en: `Records ${from} to ${to} are not those that the checkpoint kept outside was made of.`,
            es: `Los registros ${from} a ${to} no son los del punto de control que se guardó fuera.`,
          }
        : {
            en: `Records ${from} to ${to} are not those that were signed.`,
            es: `Los registros ${from} a ${to} no son los que se firmaron.`,
          }
    }
    case 'wrong_node':
      return {
        en: `The hash that is kept for records ${fault.from} to ${fault.to - 1} is not the one that they give.`,
        es: `El resumen guardado de los registros ${fault.from} a ${fault.to - 1} no es el que ellos dan.`,
      }
    case 'miscounted':
      return {
        en: `Assistance ${fault.id} counts ${fault.counts} records; there are ${fault.has}.`,
        es: `La asistencia ${fault.id} cuenta ${fault.counts} registros; hay ${fault.has}.`,
      }
    case 'not_ours': {
      const size = fault.size ?? '?'
      return fault.witness
        ? {
            en: `The checkpoint kept outside (${size} records) was not signed by this key.`,
            es: `El punto de control guardado fuera (${size} registros) no lo firmó esta llave.`,
          }
        : {
            en: `The checkpoint at ${size} records was not signed by this key.`,
            es: `El punto de control de ${size} registros no lo firmó esta llave.`,
          }
    }
    case 'cut':
      return {
        en: `There are ${fault.has} records; a checkpoint counts ${fault.had}. The end was cut off, or an older copy was brought back.`,
        es: `Hay ${fault.has} registros; un punto de control cuenta ${fault.had}. Cortaron el final o volvió una copia anterior.`,
      }
  }
}

const many = (count: number, language: 'en' | 'es', one: string, more: string): string =>
  `${count.toLocaleString(language)} ${count === 1 ? one : more}`

/** The whole verdict: one sentence where all is well, else the first faults and what they mean. */
export function verdictSaid(verdict: Verdict, seconds: number): readonly Sentence[] {
  const { entries, faults, count, sound, witnesses } = verdict
  if (count === 0) {
    const [outside, fuera] =
      witnesses === 0
        ? ['', '']
        : [
            `, ${many(witnesses, 'en', 'checkpoint kept outside agrees', 'checkpoints kept outside agree')}`,
            `, ${many(witnesses, 'es', 'punto de control guardado fuera coincide', 'puntos de control guardados fuera coinciden')}`,
          ]
    return [
      {
        en: `${many(entries, 'en', 'record', 'records')}, unbroken${outside}, ${seconds} s.`,
        es: `${many(entries, 'es', 'registro, íntegro', 'registros, íntegros')}${fuera}, ${seconds} s.`,
      },
    ]
  }
  const more = count - Math.min(faults.length, 10)
  return [
    ...faults.slice(0, 10).map(faultSaid),
    ...(more > 0 ? [{ en: `… and ${more} more.`, es: `… y ${more} más.` }] : []),
    {
      en: `The first ${sound} records are as they were signed. Do not rely on what follows them.`,
      es: `Los primeros ${sound} registros están como se firmaron. No confíes en los que siguen.`,
    },
  ]
}
