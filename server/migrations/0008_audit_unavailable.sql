-- One word of the contract: an assistance that ended because nothing could be recorded ended `audit_unavailable`. What the
-- record says of earlier ones stays as it was written.
set local search_path = amparo;

update assistance set because = 'audit_unavailable' where because = 'record_unavailable';
