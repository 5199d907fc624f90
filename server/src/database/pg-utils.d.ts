/** A part of the driver that its types leave out: how it writes a value for PostgreSQL. */
declare module 'pg/lib/utils.js' {
  const utils: { readonly prepareValue: (value: unknown) => string | Buffer | null }
  export = utils
}
