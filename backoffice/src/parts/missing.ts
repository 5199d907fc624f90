/**
 * A part of the console that comes when it is needed. An open console knows its parts by the names that they had when it
 * was loaded: after a newer version was installed they are gone.
 */
export class PartMissing extends Error {}

/** Fetches a part. Where it does not come, that is what is wrong, whatever this browser calls it. */
export const part =
  <T>(fetching: () => Promise<T>): (() => Promise<T>) =>
  () =>
    fetching().catch((cause: unknown) =>
      Promise.reject(new PartMissing('a part of the console did not come', { cause })),
    )
