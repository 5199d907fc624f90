/** Who signs in to the demo: the sample agents and the company they work for. Everyone and every secret here is made up. */
import type { Role } from '@amparo/contract/words'

export const vendor = { name: 'Acme', phone: '+1 212 555 0100' } as const

export interface SampleAgent {
  readonly name: string
  readonly email: string
  /** E.164, a mobile. */
  readonly phone: string
  readonly roles: readonly Role[]
  readonly password: string
  readonly locale: 'en' | 'es'
  /** Base 32: of their authenticator app, for those who have one. */
  readonly totpSecret?: string
}

/** Each of them is also in the sample Core (`core.sql`), as Acme's own people with the same name, e-mail and phone. */
export const agents: readonly SampleAgent[] = [
  {
    name: 'Ana Robles',
    email: 'ana@acme.test',
    phone: '+34600000901',
    roles: ['agent:technical', 'agent:succession'],
    password: 'ana-demo-pass-1',
    locale: 'es',
  },
  {
    name: 'Ben Ortiz',
    email: 'ben@acme.test',
    phone: '+34600000902',
    roles: ['agent:technical'],
    password: 'ben-demo-pass-1',
    locale: 'en',
  },
  {
    name: 'Cleo Park',
    email: 'cleo@acme.test',
    phone: '+447400000903',
    roles: ['agent:technical'],
    password: 'cleo-demo-pass-1',
    locale: 'en',
    totpSecret: 'CLE2ODEMO3ACME4SECRET5APP6CODES7',
  },
  {
    name: 'Sara Molina',
    email: 'sara@acme.test',
    phone: '+34600000904',
    roles: ['supervisor', 'agent:technical'],
    password: 'sara-demo-pass-1',
    locale: 'es',
  },
  {
    name: 'Adam Frost',
    email: 'adam@acme.test',
    phone: '+447400000905',
    roles: ['auditor'],
    password: 'adam-demo-pass-1',
    locale: 'en',
  },
  {
    name: 'Ada Quintana',
    email: 'ada@acme.test',
    phone: '+34600000906',
    roles: ['admin'],
    password: 'ada-demo-pass-1',
    locale: 'en',
  },
  {
    name: 'Sol Herrera',
    email: 'sol@acme.test',
    phone: '+34600000908',
    roles: ['supervisor'],
    password: 'sol-demo-pass-1',
    locale: 'es',
    totpSecret: 'SOL2SUPERVISOR3ACME4SECRET5APP67',
  },
  {
    name: 'Tess Quinn',
    email: 'tess@acme.test',
    phone: '+447400000909',
    roles: ['supervisor'],
    password: 'tess-demo-pass-1',
    locale: 'en',
    totpSecret: 'TESS2SUPERVISOR3ACME4SECRET5APP6',
  },
  {
    name: 'Dev One',
    email: 'dev01@acme.test',
    phone: '+34600000911',
    roles: ['agent:technical'],
    password: 'dev01-demo-pass-1',
    locale: 'en',
  },
  {
    name: 'Dev Two',
    email: 'dev02@acme.test',
    phone: '+34600000912',
    roles: ['agent:technical'],
    password: 'dev02-demo-pass-1',
    locale: 'en',
  },
  {
    name: 'Dev Three',
    email: 'dev03@acme.test',
    phone: '+34600000913',
    roles: ['agent:technical'],
    password: 'dev03-demo-pass-1',
    locale: 'en',
  },
  {
    name: 'Dev Four',
    email: 'dev04@acme.test',
    phone: '+34600000914',
    roles: ['agent:technical'],
    password: 'dev04-demo-pass-1',
    locale: 'en',
  },
  {
    name: 'Dev Five',
    email: 'dev05@acme.test',
    phone: '+34600000915',
    roles: ['agent:technical'],
    password: 'dev05-demo-pass-1',
    locale: 'en',
    totpSecret: 'DEV5ODEMO3ACME4SECRET5APP6CODES7',
  },
  {
    name: 'Dev Six',
    email: 'dev06@acme.test',
    phone: '+34600000916',
    roles: ['agent:technical'],
    password: 'dev06-demo-pass-1',
    locale: 'en',
  },
]

const passwordOfEveryUser = 'user-demo-pass-1'

/** The ordinary password of a user in the demo's own products: one for all, because the demo guards nothing real. */
export function userPassword(_email: string): string {
  return passwordOfEveryUser
}
