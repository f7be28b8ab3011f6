-- What leaves the system: wishes to be phoned, subscribed URLs, and the queue of what is owed.

create table callbacks (
    tenant_id blob not null references tenants,
    id blob not null,
    contact_number text not null,
    e164 text,
    -- By what a repeat is recognised.
    number_key text not null,
    employee_id text,
    customer_id blob,
    ticket_id blob,
    status text not null,
    scheduled_at integer,
    -- When they want to be phoned: as scheduled, or since they asked.
    due_at integer not null,
    assignee_id blob,
    notes text,
    contacted_at integer,
    contacted_by blob,
    resolved_at integer,
    attempts text not null,
    reminded_at integer,
    escalated_at integer,
    metadata text not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id)
) strict;
create index callbacks_by_age on callbacks (tenant_id, created_at desc, id desc);
create index callbacks_by_status on callbacks (tenant_id, status, created_at desc, id desc);
create index callbacks_of_agent on callbacks (tenant_id, assignee_id, created_at desc, id desc) where assignee_id is not null;
create index callbacks_of_customer on callbacks (tenant_id, customer_id, created_at desc, id desc) where customer_id is not null;
create index callbacks_by_number on callbacks (tenant_id, number_key, created_at desc, id desc);
create index callbacks_resolved on callbacks (tenant_id, resolved_at) where resolved_at is not null;
create index callbacks_pending on callbacks (tenant_id, due_at) where status = 'pending';
create index callbacks_unassigned on callbacks (tenant_id, due_at, id) where status = 'pending' and assignee_id is null;
create index callbacks_in_work on callbacks (tenant_id, assignee_id, created_at, id) where status in ('pending', 'contacted');
create index callbacks_to_remind on callbacks (scheduled_at, tenant_id, id)
    where status in ('pending', 'contacted') and assignee_id is not null and reminded_at is null;
create index callbacks_overdue on callbacks (due_at, tenant_id, id) where status = 'pending' and escalated_at is null;

create table webhooks (
    tenant_id blob not null references tenants,
    id blob not null,
    url text not null,
    events text not null,
    is_active integer not null,
    secret text not null,
    former_secret text,
    former_secret_until integer,
    failing_since integer,
    disabled_reason text,
    -- Kept apart from version: looking at the journal is no change of the webhook.
    cursor integer not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id)
) strict;
create index webhooks_listening on webhooks (tenant_id, id, cursor) where is_active;

alter table notifications add column callback_id blob;

alter table deliveries add column callback_id blob;
-- What says the same while it is queued has the same.
alter table deliveries add column gather_key text;

-- Only what is being sent has a lease, and then the end of the lease is when it may be taken.
drop index deliveries_due;
drop index deliveries_leased;
drop index deliveries_in_order;
create index deliveries_due on deliveries (tenant_id, channel, coalesce(lease_until, next_attempt_at), id, status)
    where status in ('queued', 'failed', 'sending');
create index deliveries_in_order on deliveries (tenant_id, channel, recipient, ticket_id, created_at, id)
    where status in ('queued', 'failed', 'sending') and ticket_id is not null;
create index deliveries_by_age on deliveries (tenant_id, created_at desc, id desc);
create index deliveries_by_status on deliveries (tenant_id, status, created_at desc, id desc);
create index deliveries_by_channel on deliveries (tenant_id, channel, created_at desc, id desc);
create index deliveries_by_recipient on deliveries (tenant_id, recipient, created_at desc, id desc);
create index deliveries_of_callback on deliveries (tenant_id, callback_id, created_at, id) where callback_id is not null;
create index deliveries_by_key on deliveries (tenant_id, gather_key, created_at desc, id desc) where gather_key is not null;
create index deliveries_gathering on deliveries (tenant_id, gather_key) where status = 'queued' and gather_key is not null;
create index deliveries_sent on deliveries (sent_at) where sent_at is not null;

-- The newest of a session, finished or not.
drop index tickets_by_session;
create index tickets_by_session on tickets (tenant_id, inbox_id, session, created_at desc, id desc) where session is not null;

-- What calls from outside name.
create index inboxes_by_id on inboxes (id);
create index tenants_by_messenger_page on tenants (settings ->> '$.messenger.pageId')
    where settings ->> '$.messenger.pageId' is not null;
