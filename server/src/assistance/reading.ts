/** The columns of every reading of an assistance: the row `a` as it is at `t.now`. What has lapsed by then stands beside it. */
export const readingColumns = `a.*, (select name from agent where id = a.agent_id) as agent_name, t.now, idle_at(a) as idle_at,
       a.user_seen_at + idle_warning() as warn_at`

/**
 * Why assistance `a` has lapsed by now; null where it has not. PostgreSQL takes `lapse()` into the plan of a statement that
 * hands it a time; called with `app_now()` itself it is, before PostgreSQL 18, planned anew by each statement.
 */
export const lapsedNow = (a: string): string =>
  `(select l.because from (select app_now() as now) t, lapse(${a}, t.now) l)`
