/** Where a process tells its operator what happened: ids and causes, never codes, names or addresses. */
export interface Log {
  info(what: object, message: string): void
  warn(what: object, message: string): void
  error(what: object, message: string): void
}
