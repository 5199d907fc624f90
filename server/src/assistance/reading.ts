/** The columns of every reading of an assistance: the row `a` as it is at `t.now`. What has lapsed by then stands beside it. */
export const readingColumns = `a.*, (select name from agent where id = a.agent_id) as agent_name, t.now, idle_at(a) as idle_at,
       a.user_seen_at + idle_warning() as warn_at`
