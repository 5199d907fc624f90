/** Opening a product as the user: the ticket goes out as a form, never in an address, into a tab that cannot reach us. */
import type { Launched } from '@amparo/contract/assistance'
import type { PhoneLaunch } from '@amparo/contract/phone'

/** False when the press is too long ago: the browser would take the new tab for a pop-up and swallow it. */
export const tabMayOpen = (): boolean => navigator.userActivation?.isActive ?? true

/**
 * Only `noopener`: with `noreferrer`, Chromium sends `Origin: null`, and the issuer must see that the form is ours.
 * The page's own policy keeps the path out of the referrer.
 */
export function postTicket({ url, ticket }: Launched): void {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = url
  form.target = '_blank'
  form.rel = 'noopener'
  form.hidden = true
  const field = document.createElement('input')
  field.type = 'hidden'
  field.name = 'ticket'
  field.value = ticket
  form.append(field)
  document.body.append(form)
  form.submit()
  form.remove()
}

/** The page with the QR code: our own, so that it is a tab like any other of the console. */
export function openCode(id: string, { surface, launchId }: PhoneLaunch): void {
  const page = `/assist/${encodeURIComponent(id)}/phone/${encodeURIComponent(surface)}`
  window.open(`${page}?launch=${encodeURIComponent(launchId)}`, '_blank', 'noopener')
}
