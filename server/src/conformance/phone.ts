/** A phone as far as an app's back end can tell: no cookies, but a token, and a proof of its key made for each request. */
import type { Launch } from './launch.ts'
import { type PhoneKey, placeOf } from './proof.ts'
import { type Headers, type Visitor, visitor } from './visitor.ts'

export function phone({ token }: Launch, key: PhoneKey): Visitor {
  const plain = visitor()
  const shown = async (method: string, url: string): Promise<Headers> => ({
    authorization: `DPoP ${token}`,
    dpop: await key.prove({ method, url: placeOf(url) ?? url, token }),
  })
  return {
    ...plain,
    get: async (url, headers = {}) => plain.get(url, { ...(await shown('GET', url)), ...headers }),
    form: async (url, method, fields, headers = {}) =>
      plain.form(url, method, fields, { ...(await shown(method, url)), ...headers }),
    hold: async () => undefined,
  }
}
