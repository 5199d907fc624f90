/** What may be done as the user: reading always, everyday changes only where the user agreed to them, some things never. */
import type { Assisted } from './check.ts'

/** Each of these outlives the session, gives somebody else a way in, or cannot be taken back. */
export const neverUnderAssistance = [
  'password',
  'second_factor',
  'email',
  'phone',
  'payment_method',
  'deletion',
  'export',
  'api_keys',
  'connected_apps',
  'sharing',
  'webhooks',
  'invitations',
  'new_devices',
  'successor',
] as const
export type NeverAct = (typeof neverUnderAssistance)[number]

/** `change`: whatever changes anything and is not on the list above. */
export type Act = 'read' | 'change' | NeverAct

export const guardRefusals = {
  'assisted.read_only': {
    en: 'The user agreed that support may look, not change anything. Nothing was changed.',
    es: 'El usuario aceptó que soporte mire, no que cambie algo. No se cambió nada.',
  },
  'assisted.never': {
    en: 'This cannot be done during assisted help. Only the user can, after signing in themselves.',
    es: 'Esto no se puede hacer durante la ayuda. Solo el usuario puede, con su propia sesión.',
  },
} as const
export type GuardRefusal = keyof typeof guardRefusals

export type Permission =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: GuardRefusal; readonly en: string; readonly es: string }

const never: ReadonlySet<string> = new Set(neverUnderAssistance)
const refuse = (code: GuardRefusal): Permission => ({ ok: false, code, ...guardRefusals[code] })

export function mayDo(assisted: Pick<Assisted, 'powers'>, act: Act): Permission {
  if (act === 'read') return { ok: true }
  if (never.has(act)) return refuse('assisted.never')
  return assisted.powers === 'act' ? { ok: true } : refuse('assisted.read_only')
}
