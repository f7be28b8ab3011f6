-- What is measured of each ticket, apart from its thread, which lists read.
create table ticket_measures (
    tenant_id uuid not null,
    ticket_id uuid not null,
    -- When somebody has to be told of a promise about time.
    rings_at timestamptz,
    measures json not null,
    primary key (tenant_id, ticket_id),
    foreign key (tenant_id, ticket_id) references tickets
);
create index ticket_measures_ringing on ticket_measures (rings_at) where rings_at is not null;

-- What tickets come to in numbers, by the day they were created, for everybody, each department, each agent and each
-- agent within a department. Who isn't asked for is the nil id.
create table figures (
    tenant_id uuid not null references tenants,
    scope text not null,
    day text not null,
    department_id uuid not null,
    agent_id uuid not null,
    counts json not null,
    lengths json not null,
    primary key (tenant_id, scope, day, department_id, agent_id)
);

-- The latest rating; the stars by themselves, for the best rated.
alter table tickets add column rating json;
alter table tickets add column stars bigint;
create index tickets_rated on tickets (tenant_id, stars desc, created_at desc, id desc) where stars is not null;
create index tickets_resolved on tickets (tenant_id, resolved_at) where resolved_at is not null;

create table ratings (
    tenant_id uuid not null,
    ticket_id uuid not null,
    resolution bigint not null,
    rating json not null,
    primary key (tenant_id, ticket_id, resolution),
    foreign key (tenant_id, ticket_id) references tickets
);

alter table ticket_measures enable row level security;
alter table ticket_measures force row level security;
create policy of_named_tenants on ticket_measures using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table figures enable row level security;
alter table figures force row level security;
create policy of_named_tenants on figures using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table ratings enable row level security;
alter table ratings force row level security;
create policy of_named_tenants on ratings using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);
