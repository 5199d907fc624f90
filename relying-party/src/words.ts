/** What the banner and the cover page say, in both languages. */
export type Language = 'en' | 'es'

const texts = {
  label: { en: 'Assisted session', es: 'Sesión asistida' },
  support: { en: 'support', es: 'soporte' },
  isIn: { en: 'is in the account of', es: 'está en la cuenta de' },
  why: { en: 'Why', es: 'Motivo' },
  look: { en: 'read-only', es: 'solo lectura' },
  act: { en: 'may change everyday things', es: 'puede cambiar cosas cotidianas' },
  left: { en: 'left', es: 'restante' },
  endNow: { en: 'End now', es: 'Terminar ahora' },
  ended: { en: 'Help has ended', es: 'La ayuda ha terminado' },
  endedWhat: {
    en: 'Nothing of this account stays open here.',
    es: 'Aquí no queda abierto nada de esta cuenta.',
  },
  notConfirmed: {
    en: 'Amparo did not confirm the end. End it in the console too.',
    es: 'Amparo no confirmó el final. Termínela también en la consola.',
  },
  back: { en: 'Back to console', es: 'Volver a la consola' },
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
