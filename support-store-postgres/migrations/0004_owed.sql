-- What leaves the system: wishes to be phoned, subscribed URLs, and the queue of what is owed.

create table callbacks (
    tenant_id uuid not null references tenants,
    id uuid not null,
    contact_number text not null,
    e164 text,
    -- By what a repeat is recognised.
    number_key text not null,
    employee_id text,
    customer_id uuid,
    ticket_id uuid,
    status text not null,
    scheduled_at timestamptz,
    -- When they want to be phoned: as scheduled, or since they asked.
    due_at timestamptz not null,
    assignee_id uuid,
    notes text,
    contacted_at timestamptz,
    contacted_by uuid,
    resolved_at timestamptz,
    attempts jsonb not null,
    reminded_at timestamptz,
    escalated_at timestamptz,
    metadata json not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
);
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
    tenant_id uuid not null references tenants,
    id uuid not null,
    url text not null,
    events jsonb not null,
    is_active boolean not null,
    secret jsonb not null,
    former_secret jsonb,
    former_secret_until timestamptz,
    failing_since timestamptz,
    disabled_reason text,
    -- Kept apart from version: looking at the journal is no change of the webhook.
    cursor bigint not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
);
create index webhooks_listening on webhooks (tenant_id, id, cursor) where is_active;

alter table callbacks enable row level security;
alter table callbacks force row level security;
create policy of_named_tenants on callbacks using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table webhooks enable row level security;
alter table webhooks force row level security;
create policy of_named_tenants on webhooks using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table notifications add column callback_id uuid;

alter table deliveries add column callback_id uuid;
-- What says the same while it is queued has the same.
alter table deliveries add column gather_key text;

-- Only what is being sent has a lease, and then the end of the lease is when it may be taken. `case`, since row-level
-- security keeps a comparison with `coalesce` away from indexes: only of the former it knows that it tells nothing.
drop index deliveries_due;
drop index deliveries_leased;
drop index deliveries_in_order;
create index deliveries_due on deliveries (tenant_id, channel,
        (case when lease_until is null then next_attempt_at else lease_until end), id, status)
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
create index tenants_by_messenger_page on tenants ((settings #>> '{messenger,pageId}'))
    where settings #>> '{messenger,pageId}' is not null;
