/** The console's static files, read once at start: a few, small, and never a path from a request on disk. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>
  /** The same, for browsers that take gzip; missing where it would not be smaller. */
  readonly zipped: Uint8Array<ArrayBuffer> | undefined
  readonly type: string
  readonly etag: string
  /** Named after its own content, so it may be kept for ever. */
  readonly immutable: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Every file below `folder` by its address (`/assets/…`); empty when there is no such folder. */
export async function filesOf(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = await Promise.all(
    names
      .filter((entry) => entry.isFile() && types[extname(entry.name)])
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        const body = new Uint8Array(await readFile(path))
        const zipped = new Uint8Array(gzipSync(body, { level: 9 }))
        const file: StaticFile = {
          body,
          zipped: zipped.length < body.length ? zipped : undefined,
          type: types[extname(entry.name)] ?? 'application/octet-stream',
          etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
          immutable: relative(folder, path).startsWith(`assets${sep}`),
        }
        return [`/${relative(folder, path).split(sep).join('/')}`, file] as const
      }),
  )
  return new Map(files)
}

/** A file as an answer: zipped where the browser takes it, or 304 where it has it. */
export function fileResponse(
  file: StaticFile,
  asked: { ifNoneMatch?: string | undefined; acceptEncoding?: string | undefined },
): Response {
  const headers = {
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
  if (asked.ifNoneMatch === file.etag) return new Response(null, { status: 304, headers })
  const zip = file.zipped !== undefined && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(asked.acceptEncoding ?? '')
  return new Response(zip ? file.zipped : file.body, {
    headers: { ...headers, 'content-type': file.type, ...(zip ? { 'content-encoding': 'gzip' } : {}) },
  })
}
