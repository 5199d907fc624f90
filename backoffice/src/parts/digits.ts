/** A code as people type and paste it. */

/** What stays in the field while it is typed: digits, spaces and dashes. Leading zeros are kept, nothing is cut off. */
export const typeable = (text: string): string => text.replace(/[^\d\s-]/g, '').trimStart()

export const digitsOf = (text: string): string => text.replace(/\D/g, '')
