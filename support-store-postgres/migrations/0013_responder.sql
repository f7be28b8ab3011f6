-- Until when the bot has a ticket: nobody is given it before the bot leaves it to people.
alter table tickets add column held_for_bot_until timestamptz;

create index tickets_held_for_bot on tickets (held_for_bot_until, tenant_id, id) where held_for_bot_until is not null;

-- What the bot has is not looked at when tickets are given out, however much that is.
drop index tickets_unassigned;
drop index tickets_unassigned_by_department;
drop index tickets_unassigned_by_none;
create index tickets_unassigned on tickets (tenant_id, priority desc, created_at, id)
    where status in ('open', 'waiting') and held_for_bot_until is null;
create index tickets_unassigned_by_department on tickets (tenant_id, department_id, priority desc, created_at, id)
    where status in ('open', 'waiting') and held_for_bot_until is null;
create index tickets_unassigned_by_none on tickets (tenant_id, priority desc, created_at, id)
    where status in ('open', 'waiting') and held_for_bot_until is null and department_id is null;
