/** The key of this phone: made once, never to be read out of the browser, and nothing without it. */
export interface DeviceKey {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

const place = { database: 'acme', store: 'keys', name: 'device' } as const

/** The key that is there, or a new one. Throws where the browser keeps none. */
export async function deviceKey(): Promise<DeviceKey> {
  const database = await opened()
  try {
    const kept: unknown = await done(database.transaction(place.store).objectStore(place.store).get(place.name))
    if (isKey(kept)) return kept
    const made = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    await done(database.transaction(place.store, 'readwrite').objectStore(place.store).put(made, place.name))
    return made
  } finally {
    database.close()
  }
}

const isKey = (kept: unknown): kept is DeviceKey =>
  typeof kept === 'object' && kept !== null && Reflect.get(kept, 'privateKey') instanceof CryptoKey

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(place.database, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(place.store)
  return done(request)
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
