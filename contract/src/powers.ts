/**
 * What may be done as the user. `look` reads; `act` also changes everyday things; what stands in `alwaysRefused` is
 * refused under both, because it outlives the help, gives somebody else a way in, or cannot be taken back. Surfaces and
 * console take the words from here.
 */
import type { Bilingual, Power } from './words.ts'

export const alwaysRefused = {
  password: { en: 'change the password', es: 'cambiar la contraseña' },
  second_factor: { en: 'change the second step of signing in', es: 'cambiar el segundo paso del acceso' },
  email: { en: 'change the e-mail address', es: 'cambiar el correo' },
  phone: { en: 'change the phone number', es: 'cambiar el teléfono' },
  payment_method: { en: 'change how is paid', es: 'cambiar la forma de pago' },
  deletion: { en: 'delete for good', es: 'borrar definitivamente' },
  export: { en: 'download or export', es: 'descargar o exportar' },
  document: { en: 'open or download a document', es: 'abrir o descargar un documento' },
  api_keys: { en: 'make or see API keys', es: 'crear o ver claves de API' },
  connected_apps: { en: 'connect other apps', es: 'conectar otras aplicaciones' },
  sharing: { en: 'share with others', es: 'compartir con otros' },
  webhooks: { en: 'change where data is sent to', es: 'cambiar adónde se envían datos' },
  invitations: { en: 'invite people', es: 'invitar a personas' },
  new_devices: { en: 'add devices', es: 'añadir dispositivos' },
  successor: { en: 'name or change the successor', es: 'nombrar o cambiar al sucesor' },
  own_sign_in: { en: "touch the user's own sign-in", es: 'tocar el acceso propio del usuario' },
} as const satisfies Record<string, Bilingual>
export type AlwaysRefused = keyof typeof alwaysRefused

export const isAlwaysRefused = (act: string): act is AlwaysRefused => Object.hasOwn(alwaysRefused, act)
export const alwaysRefusedActs: readonly AlwaysRefused[] = Object.keys(alwaysRefused).filter(isAlwaysRefused)

/**
 * What may be asked for in the middle of help, one by one, with a code of its own. The user's own sign-in is never among
 * them. A product names those that it can hold back one by one; of the others nothing is claimed.
 */
export type SensitivePower = Exclude<AlwaysRefused, 'own_sign_in'>
export const isSensitive = (act: string): act is SensitivePower => isAlwaysRefused(act) && act !== 'own_sign_in'
export const sensitivePowers: readonly SensitivePower[] = alwaysRefusedActs.filter(isSensitive)
/** The scope that a sensitive power is in introspection, from its granting on. */
export const scopeOfSensitive = (power: SensitivePower): string => `support:${power}`

/** The scope that a power is at the issuer and in introspection. */
export const scopeOfPower: Readonly<Record<Power, string>> = {
  look: 'openid support:read',
  act: 'openid support:read support:act',
}

/** What a surface answers for an act that was not granted: 403, `power.not_granted`, and which act it was. */
export const notGranted = (act: AlwaysRefused | 'change' | 'undeclared') =>
  ({ code: 'power.not_granted', act }) as const
