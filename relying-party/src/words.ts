/** What the banner and the cover page say, in both languages. */
export type Language = 'en' | 'es'

const texts = {
  label: { en: 'Assisted session', es: 'Sesión asistida' },
  support: { en: 'support', es: 'soporte' },
  isIn: { en: 'is in the account of', es: 'está en la cuenta de' },
  why: { en: 'Why', es: 'Motivo' },
  look: { en: 'read-only', es: 'solo lectura' },
  act: { en: 'may change everyday things', es: 'puede cambiar cosas cotidianas' },
  left: { en: '{time} left', es: 'quedan {time}' },
  minutes2: { en: '2 minutes', es: '2 minutos' },
  minute1: { en: '1 minute', es: '1 minuto' },
  seconds20: { en: '20 seconds', es: '20 segundos' },
  closed: { en: 'closed', es: 'cerrada' },
  endNow: { en: 'End now', es: 'Terminar ahora' },
  ended: { en: 'Help has ended', es: 'La ayuda ha terminado' },
  endedWhat: {
    en: 'Nothing of this account stays open here.',
    es: 'Aquí no queda abierto nada de esta cuenta.',
  },
  notConfirmed: {
    en: 'Amparo did not confirm the end. End it in the console too.',
    es: 'Amparo no confirmó el final. Ciérrala también en la consola.',
  },
  refused: { en: 'That was not done', es: 'No se hizo' },
  goBack: { en: 'Go back', es: 'Volver' },
  cannotOpen: { en: 'This could not be opened', es: 'No se pudo abrir' },
  issuer: {
    en: 'We do not take sign-ins from there. Nothing was opened.',
    es: 'No aceptamos accesos desde ahí. No se abrió nada.',
  },
  spent: {
    en: 'This access can no longer be used. Press the button again in the console.',
    es: 'Este acceso ya no se puede usar. Pulsa el botón de nuevo en la consola.',
  },
  unknownUser: {
    en: 'This person has no account here. Nothing was opened.',
    es: 'Esta persona no tiene cuenta aquí. No se abrió nada.',
  },
  unconfirmed: {
    en: 'Amparo does not confirm that help goes on. Nothing is shown. Try again.',
    es: 'Amparo no confirma que la ayuda sigue. No se muestra nada. Prueba de nuevo.',
  },
  crossSite: {
    en: 'This did not come from a page of this product. Nothing was done.',
    es: 'Esto no viene de una página de este producto. No se hizo nada.',
  },
  stale: {
    en: 'This page was too old. Load it again and repeat.',
    es: 'Esta página era antigua. Cárgala de nuevo y repite.',
  },
  asYourself: { en: 'Sign in here as yourself', es: 'Entrar aquí con tu propia cuenta' },
  back: { en: 'Back to console', es: 'Volver a la consola' },
  backToApp: { en: 'Back to the app', es: 'Volver a la app' },
  unproven: {
    en: 'This phone could not show that it is the one that was let in. Scan a new code.',
    es: 'Este teléfono no pudo demostrar que es al que se dio paso. Escanea un código nuevo.',
  },
  paused: { en: 'Checking that help goes on', es: 'Comprobando que la ayuda sigue' },
  pausedWhat: {
    en: 'The page comes back as soon as Amparo confirms it.',
    es: 'La página vuelve en cuanto Amparo lo confirme.',
  },
} as const satisfies Record<string, Record<Language, string>>

export const words = (language: Language) => (text: keyof typeof texts) => texts[text][language]

/** `Acme support`, `soporte de Acme`. */
export function supportOf(company: string | undefined, language: Language): string {
  const support = texts.support[language]
  if (company === undefined) return support
  return language === 'en' ? `${company} ${support}` : `${support} de ${company}`
}

const granted: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  password: { en: 'password', es: 'contraseña' },
  second_factor: { en: 'second step', es: 'segundo paso' },
  email: { en: 'e-mail', es: 'correo' },
  phone: { en: 'phone', es: 'teléfono' },
  payment_method: { en: 'payment method', es: 'forma de pago' },
  deletion: { en: 'deleting', es: 'borrar' },
  export: { en: 'export', es: 'exportar' },
  document: { en: 'documents', es: 'documentos' },
  api_keys: { en: 'API keys', es: 'claves de API' },
  connected_apps: { en: 'connected apps', es: 'aplicaciones conectadas' },
  sharing: { en: 'sharing', es: 'compartir' },
  webhooks: { en: 'where data is sent', es: 'destino de los datos' },
  invitations: { en: 'invitations', es: 'invitaciones' },
  new_devices: { en: 'devices', es: 'dispositivos' },
  successor: { en: 'successor', es: 'sucesor' },
}

/** What the user granted by itself, as the banner names it. */
export const grantedIn = (language: Language, act: string): string => granted[act]?.[language] ?? act
