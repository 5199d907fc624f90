/** What people type, parsed once. */

/** One line of at most 80 characters. */
export const line = (value: string | null): string | undefined => {
  const text = value?.trim() ?? ''
  return /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,80}$/u.test(text) ? text : undefined
}
export const emailIn = (value: string | null): string | undefined => {
  const text = line(value)
  return text !== undefined && /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text) ? text : undefined
}
