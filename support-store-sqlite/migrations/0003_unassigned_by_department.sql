-- Where more tickets wait than are looked at in one go, each department's are looked at for themselves; null, which is
-- no department, is a value like others here.
create index tickets_unassigned_by_department on tickets (tenant_id, department_id, priority desc, created_at, id)
    where status in ('open', 'waiting');
