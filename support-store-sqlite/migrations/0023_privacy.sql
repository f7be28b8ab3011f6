-- Forgetting people and conversations.

-- Who is being erased, until nothing of them is left.
create table erasures (
    tenant_id blob not null references tenants,
    requester_kind text not null,
    requester_id blob not null,
    asked_at integer not null,
    primary key (tenant_id, requester_id)
) strict, without rowid;
create index erasures_by_age on erasures (asked_at, tenant_id, requester_id);

-- When a conversation was erased; null of those that are kept.
alter table tickets add column erased_at integer;
create index tickets_to_forget on tickets (tenant_id, closed_at, id) where status = 'closed' and erased_at is null;

-- What people were told and are owed is forgotten with what it is about.
create index notifications_of_ticket on notifications (tenant_id, ticket_id) where ticket_id is not null;
create index notifications_of_callback on notifications (tenant_id, callback_id) where callback_id is not null;
create index deliveries_of_ticket on deliveries (tenant_id, ticket_id) where ticket_id is not null;
