import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fileResponse, filesOf } from './files.ts'

test('a file goes out zipped to whoever takes it, plain to whoever does not, and not at all where it is known', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-files-'))
  const text = 'export const words = "the same, the same, the same"\n'.repeat(50)
  await writeFile(join(folder, 'a.js'), text)
  await writeFile(join(folder, 'secret.txt'), 'not of a kind that is served')
  const files = await filesOf(folder).finally(() => rm(folder, { recursive: true }))
  const file = files.get('/a.js')
  if (!file) throw new Error('missing')
  expect([...files.keys()]).toEqual(['/a.js'])
  const zipped = fileResponse(file, { acceptEncoding: 'br, gzip;q=0.8' })
  expect(zipped.headers.get('content-encoding')).toBe('gzip')
  const bytes = Buffer.from(await zipped.arrayBuffer())
  expect(bytes.length).toBeLessThan(text.length / 4)
  expect(gunzipSync(bytes).toString()).toBe(text)
  for (const acceptEncoding of [undefined, 'br', 'gzip;q=0']) {
    const plain = fileResponse(file, { acceptEncoding })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(await plain.text()).toBe(text)
  }
  expect(fileResponse(file, { ifNoneMatch: file.etag }).status).toBe(304)
})
