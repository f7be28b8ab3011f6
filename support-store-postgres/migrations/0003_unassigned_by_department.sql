-- Where more tickets wait than are looked at in one go, each department's are looked at for themselves. What is null
-- counts as no fixed value when an index gives an order, so tickets of no department have an index of their own.
create index tickets_unassigned_by_department on tickets (tenant_id, department_id, priority desc, created_at, id)
    where status in ('open', 'waiting');
create index tickets_unassigned_by_none on tickets (tenant_id, priority desc, created_at, id)
    where status in ('open', 'waiting') and department_id is null;
