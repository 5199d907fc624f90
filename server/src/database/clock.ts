/**
 * The time that judges is the database's `app_now()`. In production it is the wall clock and nothing stands behind it. In
 * demo and test a table stands behind it, and the time can be moved forward, never back: what has lapsed stays lapsed.
 * Whoever keeps the time for themselves is told of a move. Until the first move nobody asks the table: a look at the time
 * costs what it costs in production.
 */
import type { Database } from './database.ts'

export const longestAdvanceMs = 10 * 365.25 * 86_400_000

/** Puts a clock that can be moved behind `app_now()`. Once there it stays: a database that has lived ahead of time cannot go back. */
export async function installTestClock(db: Database): Promise<void> {
  await db.query(`
    create table if not exists amparo.clock (
      one   boolean primary key default true check (one),
      ahead interval not null default '0' check (ahead >= '0')
    );
    insert into amparo.clock default values on conflict do nothing;
    create or replace function amparo.clock_tells() returns trigger language plpgsql as $$ begin
      if new.ahead > '0' and (select prosrc not like '%amparo.clock%' from pg_proc where oid = 'amparo.app_now()'::regprocedure) then
        create or replace function amparo.app_now() returns timestamptz language sql volatile as
          'select clock_timestamp() + ahead from amparo.clock';
      end if;
      perform pg_notify('amparo_live', 'clock');
      return null;
    end $$;
    create or replace trigger clock_tells after insert or update on amparo.clock for each row execute function amparo.clock_tells()`)
}

/** Production refuses to start where this is true. */
export async function hasTestClock(db: Database): Promise<boolean> {
  const [found] = await db.query<{ there: boolean }>(`select to_regclass('amparo.clock') is not null as there`)
  return found?.there === true
}

/** Moves the time forward and tells the new one. */
export async function advanceClock(db: Database, ms: number): Promise<Date> {
  if (!(ms >= 0 && ms <= longestAdvanceMs)) throw new RangeError('the clock moves forward only, by at most ten years')
  const [clock] = await db.query<{ now: Date }>(
    `update amparo.clock set ahead = ahead + make_interval(secs => $1::double precision / 1000)
     returning clock_timestamp() + ahead as now`,
    [ms],
  )
  if (!clock) throw new Error('this database has no test clock')
  return clock.now
}
