declare module 'virtual:theme.css'
declare module 'virtual:words' {
  /** Where each language's words are. */
  export const addresses: Readonly<Record<import('@amparo/contract/words').Language, string>>
}
