/** The product that is opened in what is measured: it is played by the script, and known to the server by this row. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const surface = {
  id: 'portal',
  secret: 'a-secret-of-at-least-thirty-two-letters',
  at: 'http://portal.bench.test',
}

/** The environment in which a server knows this surface. */
export async function registration(folder: string): Promise<Readonly<Record<string, string>>> {
  const file = join(folder, 'surfaces.json')
  const row = {
    id: surface.id,
    name: { en: 'Portal', es: 'Portal' },
    offeredTo: ['owner'],
    clientId: surface.id,
    clientAuth: 'client_secret_basic',
    secret: surface.secret,
    redirectUris: [`${surface.at}/callback`],
    initiateLoginUri: `${surface.at}/login`,
    statusCheck: true,
    powers: ['look'],
  }
  await writeFile(file, JSON.stringify([row]))
  return { AMPARO_SURFACES: file }
}
