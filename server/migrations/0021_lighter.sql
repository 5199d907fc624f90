-- What each act writes, at less cost. Nothing that is kept or refused changes.

-- An event is never taken away, and both of these are written from the event itself: asking for it again, row by row,
-- protected nothing. The verification finds a place without its event as before.
alter table unsequenced drop constraint unsequenced_event_id_fkey;
alter table log_leaf drop constraint log_leaf_event_id_fkey;

-- Room beside each row for its next version, so that a change that moves no index touches none.
alter table assistance set (fillfactor = 70);
alter table outbox set (fillfactor = 70);
alter table code set (fillfactor = 70);
alter table tries set (fillfactor = 70);
alter table surface_session set (fillfactor = 70);
