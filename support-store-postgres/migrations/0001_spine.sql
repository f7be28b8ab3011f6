-- Every key begins with tenant_id. Times are timestamptz with whole milliseconds.
-- Lists that are only ever read whole (tags, skills, ...) are jsonb arrays. What a host gave (metadata) is json, which
-- comes out as it went in: jsonb rewrites numbers.

create table tenants (
    tenant_id uuid primary key,
    slug text not null unique,
    name text not null,
    timezone text not null,
    settings jsonb not null,
    is_active boolean not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table tenant_domains (
    tenant_id uuid not null references tenants,
    domain text not null unique,
    position bigint not null,
    primary key (tenant_id, domain)
);

-- One row a tenant, locked first by every commit: it makes the order of events the order of commits.
create table tenant_counters (
    tenant_id uuid primary key references tenants,
    last_event bigint not null default 0,
    last_ticket bigint not null default 0
) with (fillfactor = 50);

create table inboxes (
    tenant_id uuid not null references tenants,
    id uuid not null,
    kind text not null,
    name text not null,
    admin_email text,
    allowed_origins jsonb not null,
    is_active boolean not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
);

-- The id of a removed department stays in tickets, so nothing refers to it by foreign key.
create table departments (
    tenant_id uuid not null references tenants,
    id uuid not null,
    name text not null,
    slug text not null,
    description text,
    email text,
    is_active boolean not null,
    sort_order integer not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, slug),
    unique (tenant_id, name)
);

create table agents (
    tenant_id uuid not null references tenants,
    id uuid not null,
    name text not null,
    email text not null,
    role text not null,
    departments jsonb not null,
    skills jsonb not null,
    languages jsonb not null,
    max_concurrent_tickets bigint not null,
    availability text not null,
    is_active boolean not null,
    last_login_at timestamptz,
    last_logout_at timestamptz,
    -- Kept apart from version: being given a ticket is no change of the agent.
    last_assigned_at timestamptz,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
);
create index agents_by_name on agents (tenant_id, name, id);

create table customers (
    tenant_id uuid not null references tenants,
    id uuid not null,
    external_id text,
    name text,
    email text,
    phone text,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, external_id)
);
create index customers_by_age on customers (tenant_id, created_at desc, id desc);

create table visitors (
    tenant_id uuid not null references tenants,
    id uuid not null,
    name text,
    email text,
    phone text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
);

create table accounts (
    tenant_id uuid not null references tenants,
    principal_kind text not null,
    principal_id uuid not null,
    email text not null,
    password_hash text,
    tokens_valid_from timestamptz not null,
    version bigint not null,
    primary key (tenant_id, principal_kind, principal_id),
    unique (tenant_id, email)
);
create index accounts_by_email on accounts (email, tenant_id);

create table login_guards (
    tenant_id uuid not null references tenants,
    email_hash text not null,
    failures bigint not null,
    counted_from timestamptz not null,
    locked_until timestamptz,
    primary key (tenant_id, email_hash)
);
create index login_guards_by_age on login_guards (counted_from);

create table revoked_tokens (
    tenant_id uuid not null references tenants,
    token uuid not null,
    expires_at timestamptz not null,
    primary key (tenant_id, token)
);
create index revoked_tokens_by_expiry on revoked_tokens (expires_at);

create table api_keys (
    tenant_id uuid not null references tenants,
    id uuid not null,
    name text not null,
    hash text not null unique,
    last_characters text not null,
    scopes jsonb not null,
    created_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, id)
);

create table tickets (
    tenant_id uuid not null references tenants,
    id uuid not null,
    number bigint not null,
    version bigint not null,
    inbox_id uuid not null,
    channel text not null,
    source text not null,
    requester_kind text not null,
    requester_id uuid not null,
    contact_name text,
    contact_email text,
    contact_phone text,
    access_hash text,
    session text,
    subject text not null,
    department_id uuid,
    -- 0 low, 1 normal, 2 high, 3 urgent, so that it sorts.
    priority bigint not null,
    category text,
    subcategory text,
    tags jsonb not null,
    status text not null,
    assignee_id uuid,
    assigned_at timestamptz,
    resolved_at timestamptz,
    resolved_by uuid,
    resolution_notes text,
    closed_at timestamptz,
    closed_by uuid,
    escalated_at timestamptz,
    escalated_by uuid,
    escalation_reason text,
    reopened_count bigint not null,
    is_offline boolean not null,
    metadata json not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, number),
    foreign key (tenant_id, inbox_id) references inboxes
);
create unique index tickets_by_access on tickets (tenant_id, access_hash) where access_hash is not null;
create index tickets_by_session on tickets (tenant_id, inbox_id, session, created_at desc) where session is not null;
create index tickets_by_age on tickets (tenant_id, created_at desc, id desc);
create index tickets_by_status on tickets (tenant_id, status, created_at desc, id desc);
create index tickets_by_requester on tickets (tenant_id, requester_id, created_at desc, id desc);
create index tickets_by_department on tickets (tenant_id, department_id, created_at desc, id desc);
create index tickets_of_agent on tickets (tenant_id, assignee_id, created_at desc, id desc) where assignee_id is not null;
create index tickets_in_work on tickets (tenant_id, assignee_id, created_at, id) where status in ('assigned', 'pending');
create index tickets_unassigned on tickets (tenant_id, priority desc, created_at, id) where status in ('open', 'waiting');

-- What messages make of a ticket, apart from its state, so that a message rewrites one narrow row.
create table ticket_threads (
    tenant_id uuid not null,
    ticket_id uuid not null,
    last_seq bigint not null,
    -- The last message or change, for lists.
    last_activity_at timestamptz not null,
    last_message_at timestamptz,
    last_message_preview text,
    first_response_at timestamptz,
    first_customer_message_at timestamptz,
    unread_by_agents bigint not null,
    unread_by_customer bigint not null,
    read_by_agents bigint not null,
    read_by_customer bigint not null,
    primary key (tenant_id, ticket_id),
    foreign key (tenant_id, ticket_id) references tickets
);
create index ticket_threads_by_activity on ticket_threads (tenant_id, last_activity_at desc, ticket_id desc);

create table messages (
    tenant_id uuid not null,
    ticket_id uuid not null,
    seq bigint not null,
    id uuid not null,
    sender_kind text not null,
    sender_id uuid,
    -- Whether a customer-side sender_id is a visitor's or a customer's; null for others.
    requester_kind text,
    sender_name text not null,
    kind text not null,
    content text not null,
    client_id text,
    metadata json not null,
    created_at timestamptz not null,
    primary key (tenant_id, ticket_id, seq),
    foreign key (tenant_id, ticket_id) references tickets
);
create index messages_by_client_id on messages (tenant_id, ticket_id, client_id) where client_id is not null;

create table events (
    tenant_id uuid not null references tenants,
    seq bigint not null,
    at timestamptz not null,
    kind text not null,
    actor jsonb not null,
    visibility text not null,
    ticket_id uuid,
    customer_id uuid,
    assignee_id uuid,
    department_id uuid,
    message_seq bigint,
    body jsonb not null,
    primary key (tenant_id, seq)
);
create index events_of_ticket on events (tenant_id, ticket_id, seq) where ticket_id is not null;
create index events_by_kind on events (tenant_id, kind, seq) where kind <> 'message_posted';

create table notifications (
    tenant_id uuid not null references tenants,
    id uuid not null,
    recipient_kind text not null,
    recipient_id uuid not null,
    kind text not null,
    title text not null,
    message text not null,
    priority bigint not null,
    ticket_id uuid,
    created_at timestamptz not null,
    read_at timestamptz,
    primary key (tenant_id, id)
);
create index notifications_of_recipient on notifications (tenant_id, recipient_kind, recipient_id, created_at desc, id desc);

create table deliveries (
    tenant_id uuid not null references tenants,
    id uuid not null,
    channel text not null,
    recipient text not null,
    ticket_id uuid,
    notice jsonb not null,
    status text not null,
    attempts bigint not null,
    last_error text,
    next_attempt_at timestamptz not null,
    lease_token uuid,
    lease_until timestamptz,
    sent_at timestamptz,
    provider_id text,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create index deliveries_due on deliveries (next_attempt_at, id) where status in ('queued', 'failed');
create index deliveries_leased on deliveries (lease_until) where status = 'sending';
create index deliveries_in_order on deliveries (tenant_id, channel, recipient, ticket_id, id) where status in ('queued', 'failed', 'sending');

create table presences (
    tenant_id uuid not null references tenants,
    agent_id uuid not null,
    is_online boolean not null,
    is_unhandled boolean not null,
    last_seen_at timestamptz not null,
    department_id uuid,
    primary key (tenant_id, agent_id)
) with (fillfactor = 70);
create index presences_online on presences (last_seen_at) where is_online;
create index presences_unhandled on presences (tenant_id, agent_id) where is_unhandled;

create table requests (
    tenant_id uuid not null references tenants,
    key text not null,
    fingerprint text not null,
    receipt jsonb not null,
    response_status bigint,
    response_body text,
    created_at timestamptz not null,
    primary key (tenant_id, key)
);
create index requests_by_age on requests (created_at);
