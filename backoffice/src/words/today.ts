/** Whether an hour is of this day, where the reader is: "from 11:04" would be read as today's. */
export const isToday = (instant: string, now: Date): boolean => new Date(instant).toDateString() === now.toDateString()
