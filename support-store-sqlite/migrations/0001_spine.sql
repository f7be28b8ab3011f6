-- Every key begins with tenant_id. Ids are the 16 bytes of a UUID, times whole milliseconds since 1970.
-- Lists that are only ever read whole (tags, skills, ...) are JSON arrays as text.
-- Tables that grow with every message are clustered by their key: a thread and a journal are read in one run.

create table tenants (
    tenant_id blob primary key,
    slug text not null unique,
    name text not null,
    timezone text not null,
    settings text not null,
    is_active integer not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create table tenant_domains (
    tenant_id blob not null references tenants,
    domain text not null unique,
    position integer not null,
    primary key (tenant_id, domain)
) strict, without rowid;

-- One row a tenant, locked first by every commit: it makes the order of events the order of commits.
create table tenant_counters (
    tenant_id blob primary key references tenants,
    last_event integer not null default 0,
    last_ticket integer not null default 0
) strict, without rowid;

create table inboxes (
    tenant_id blob not null references tenants,
    id blob not null,
    kind text not null,
    name text not null,
    admin_email text,
    allowed_origins text not null,
    is_active integer not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id)
) strict;

-- The id of a removed department stays in tickets, so nothing refers to it by foreign key.
create table departments (
    tenant_id blob not null references tenants,
    id blob not null,
    name text not null,
    slug text not null,
    description text,
    email text,
    is_active integer not null,
    sort_order integer not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id),
    unique (tenant_id, slug),
    unique (tenant_id, name)
) strict;

create table agents (
    tenant_id blob not null references tenants,
    id blob not null,
    name text not null,
    email text not null,
    role text not null,
    departments text not null,
    skills text not null,
    languages text not null,
    max_concurrent_tickets integer not null,
    availability text not null,
    is_active integer not null,
    last_login_at integer,
    last_logout_at integer,
    -- Kept apart from version: being given a ticket is no change of the agent.
    last_assigned_at integer,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id)
) strict;
create index agents_by_name on agents (tenant_id, name, id);

create table customers (
    tenant_id blob not null references tenants,
    id blob not null,
    external_id text,
    name text,
    email text,
    phone text,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id),
    unique (tenant_id, external_id)
) strict;
create index customers_by_age on customers (tenant_id, created_at desc, id desc);

create table visitors (
    tenant_id blob not null references tenants,
    id blob not null,
    name text,
    email text,
    phone text,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id)
) strict;

create table accounts (
    tenant_id blob not null references tenants,
    principal_kind text not null,
    principal_id blob not null,
    email text not null,
    password_hash text,
    tokens_valid_from integer not null,
    version integer not null,
    primary key (tenant_id, principal_kind, principal_id),
    unique (tenant_id, email)
) strict;
create index accounts_by_email on accounts (email, tenant_id);

create table login_guards (
    tenant_id blob not null references tenants,
    email_hash text not null,
    failures integer not null,
    counted_from integer not null,
    locked_until integer,
    primary key (tenant_id, email_hash)
) strict, without rowid;
create index login_guards_by_age on login_guards (counted_from);

create table revoked_tokens (
    tenant_id blob not null references tenants,
    token blob not null,
    expires_at integer not null,
    primary key (tenant_id, token)
) strict, without rowid;
create index revoked_tokens_by_expiry on revoked_tokens (expires_at);

create table api_keys (
    tenant_id blob not null references tenants,
    id blob not null,
    name text not null,
    hash text not null unique,
    last_characters text not null,
    scopes text not null,
    created_at integer not null,
    revoked_at integer,
    primary key (tenant_id, id)
) strict;

create table tickets (
    tenant_id blob not null references tenants,
    id blob not null,
    number integer not null,
    version integer not null,
    inbox_id blob not null,
    channel text not null,
    source text not null,
    requester_kind text not null,
    requester_id blob not null,
    contact_name text,
    contact_email text,
    contact_phone text,
    access_hash text,
    session text,
    subject text not null,
    department_id blob,
    -- 0 low, 1 normal, 2 high, 3 urgent, so that it sorts.
    priority integer not null,
    category text,
    subcategory text,
    tags text not null,
    status text not null,
    assignee_id blob,
    assigned_at integer,
    resolved_at integer,
    resolved_by blob,
    resolution_notes text,
    closed_at integer,
    closed_by blob,
    escalated_at integer,
    escalated_by blob,
    escalation_reason text,
    reopened_count integer not null,
    is_offline integer not null,
    metadata text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id),
    unique (tenant_id, number),
    foreign key (tenant_id, inbox_id) references inboxes
) strict;
create unique index tickets_by_access on tickets (tenant_id, access_hash) where access_hash is not null;
create index tickets_by_session on tickets (tenant_id, inbox_id, session, created_at desc) where session is not null;
create index tickets_by_age on tickets (tenant_id, created_at desc, id desc);
create index tickets_by_status on tickets (tenant_id, status, created_at desc, id desc);
create index tickets_by_priority on tickets (tenant_id, priority desc, id desc);
create index tickets_by_requester on tickets (tenant_id, requester_id, created_at desc, id desc);
create index tickets_by_department on tickets (tenant_id, department_id, created_at desc, id desc);
create index tickets_of_agent on tickets (tenant_id, assignee_id, created_at desc, id desc) where assignee_id is not null;
create index tickets_in_work on tickets (tenant_id, assignee_id, created_at, id) where status in ('assigned', 'pending');
create index tickets_unassigned on tickets (tenant_id, priority desc, created_at, id) where status in ('open', 'waiting');

-- What messages make of a ticket, apart from its state, so that a message rewrites one narrow row.
create table ticket_threads (
    tenant_id blob not null,
    ticket_id blob not null,
    last_seq integer not null,
    -- The last message or change, for lists.
    last_activity_at integer not null,
    last_message_at integer,
    last_message_preview text,
    first_response_at integer,
    first_customer_message_at integer,
    unread_by_agents integer not null,
    unread_by_customer integer not null,
    read_by_agents integer not null,
    read_by_customer integer not null,
    primary key (tenant_id, ticket_id),
    foreign key (tenant_id, ticket_id) references tickets
) strict, without rowid;
create index ticket_threads_by_activity on ticket_threads (tenant_id, last_activity_at desc, ticket_id desc);

create table messages (
    tenant_id blob not null,
    ticket_id blob not null,
    seq integer not null,
    id blob not null,
    sender_kind text not null,
    sender_id blob,
    -- Whether a customer-side sender_id is a visitor's or a customer's; null for others.
    requester_kind text,
    sender_name text not null,
    kind text not null,
    content text not null,
    client_id text,
    metadata text not null,
    created_at integer not null,
    primary key (tenant_id, ticket_id, seq),
    foreign key (tenant_id, ticket_id) references tickets
) strict, without rowid;
create index messages_by_client_id on messages (tenant_id, ticket_id, client_id) where client_id is not null;

create table events (
    tenant_id blob not null references tenants,
    seq integer not null,
    at integer not null,
    kind text not null,
    actor text not null,
    visibility text not null,
    ticket_id blob,
    customer_id blob,
    assignee_id blob,
    department_id blob,
    message_seq integer,
    body text not null,
    primary key (tenant_id, seq)
) strict, without rowid;
create index events_of_ticket on events (tenant_id, ticket_id, seq) where ticket_id is not null;
create index events_by_kind on events (tenant_id, kind, seq) where kind <> 'message_posted';

create table notifications (
    tenant_id blob not null references tenants,
    id blob not null,
    recipient_kind text not null,
    recipient_id blob not null,
    kind text not null,
    title text not null,
    message text not null,
    priority integer not null,
    ticket_id blob,
    created_at integer not null,
    read_at integer,
    primary key (tenant_id, id)
) strict;
create index notifications_of_recipient on notifications (tenant_id, recipient_kind, recipient_id, created_at desc, id desc);

create table deliveries (
    tenant_id blob not null references tenants,
    id blob not null,
    channel text not null,
    recipient text not null,
    ticket_id blob,
    notice text not null,
    status text not null,
    attempts integer not null,
    last_error text,
    next_attempt_at integer not null,
    lease_token blob,
    lease_until integer,
    sent_at integer,
    provider_id text,
    created_at integer not null,
    primary key (tenant_id, id)
) strict;
create index deliveries_due on deliveries (next_attempt_at, id) where status in ('queued', 'failed');
create index deliveries_leased on deliveries (lease_until, id) where status = 'sending';
create index deliveries_in_order on deliveries (tenant_id, channel, recipient, ticket_id, id) where status in ('queued', 'failed', 'sending');

create table presences (
    tenant_id blob not null references tenants,
    agent_id blob not null,
    is_online integer not null,
    is_unhandled integer not null,
    last_seen_at integer not null,
    department_id blob,
    primary key (tenant_id, agent_id)
) strict, without rowid;
create index presences_online on presences (last_seen_at) where is_online;
create index presences_unhandled on presences (tenant_id, agent_id) where is_unhandled;

create table requests (
    tenant_id blob not null references tenants,
    key text not null,
    fingerprint text not null,
    receipt text not null,
    response_status integer,
    response_body text,
    created_at integer not null,
    primary key (tenant_id, key)
) strict;
create index requests_by_age on requests (created_at);
