/** Asks a mail server whether it would take mail from us: greeting, EHLO, sign-in, goodbye. Nothing is sent. */
import { createTransport } from 'nodemailer'

export type Greeting =
  | { readonly answer: 'welcome'; readonly host: string }
  /** `said` is what the server answered; undefined where it did not. */
  | { readonly answer: 'refused'; readonly host: string; readonly said: string | undefined }

export async function greet(address: string, timeoutMs: number): Promise<Greeting> {
  const url = new URL(address)
  const transport = createTransport({
    url: address,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const host = url.port === '' ? url.hostname : url.host
  try {
    await transport.verify()
    return { answer: 'welcome', host }
  } catch (error) {
    return { answer: 'refused', host, said: saidBy(error, url) }
  } finally {
    transport.close()
  }
}

/** The server's own words in one short line, without our name and password should it repeat them. */
function saidBy(error: unknown, { username, password }: URL): string | undefined {
  const response = error instanceof Error && 'response' in error ? error.response : undefined
  if (typeof response !== 'string') return undefined
  return [username, password]
    .flatMap((secret) => (secret === '' ? [] : [secret, decodeURIComponent(secret)]))
    .reduce((text, secret) => text.replaceAll(secret, '…'), response.split('\n')[0] ?? '')
    .replaceAll(/[\p{Cc}"]/gu, ' ')
    .trim()
    .slice(0, 100)
}
