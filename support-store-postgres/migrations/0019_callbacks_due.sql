-- When nobody has followed a wish to be phoned for too long: office hours decide, which no statement can count. Those
-- that came before are measured by the clock; null where an office never opens for so long.
alter table callbacks add column overdue_at timestamptz;
-- Row-level security holds for the owner too, who names no tenant here.
alter table callbacks no force row level security;
update callbacks set overdue_at = due_at + interval '24 hours';
alter table callbacks force row level security;
drop index callbacks_overdue;
create index callbacks_overdue on callbacks (overdue_at, tenant_id, id) where status = 'pending' and escalated_at is null;
-- Counts those that wait by age, and how many are overdue.
drop index callbacks_pending;
create index callbacks_pending on callbacks (tenant_id, due_at, overdue_at) where status = 'pending';
