-- What whoever is asked for a yes reads: kept with the question, so that asking for something else afterwards cannot show
-- it in the place of what the yes is bound to. Null where nothing of it can change while it waits.
alter table approval add column shown jsonb;
