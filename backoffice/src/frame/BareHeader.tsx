/** What stands over a page that has no frame: the brand, and the language. */
import { Brand } from './Brand.tsx'
import { LanguageSwitch } from './LanguageSwitch.tsx'

export function BareHeader() {
  return (
    <header>
      <Brand />
      <LanguageSwitch />
    </header>
  )
}
