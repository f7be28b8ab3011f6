-- What is measured of each ticket, apart from its thread, which lists read.
create table ticket_measures (
    tenant_id blob not null,
    ticket_id blob not null,
    -- When somebody has to be told of a promise about time.
    rings_at integer,
    measures text not null,
    primary key (tenant_id, ticket_id),
    foreign key (tenant_id, ticket_id) references tickets
) strict, without rowid;
create index ticket_measures_ringing on ticket_measures (rings_at) where rings_at is not null;

-- What tickets come to in numbers, by the day they were created, for everybody, each department, each agent and each
-- agent within a department. Who isn't asked for is the nil id.
create table figures (
    tenant_id blob not null references tenants,
    scope text not null,
    day text not null,
    department_id blob not null,
    agent_id blob not null,
    counts text not null,
    lengths text not null,
    primary key (tenant_id, scope, day, department_id, agent_id)
) strict, without rowid;

-- The latest rating; the stars by themselves, for the best rated.
alter table tickets add column rating text;
alter table tickets add column stars integer;
create index tickets_rated on tickets (tenant_id, stars desc, created_at desc, id desc) where stars is not null;
create index tickets_resolved on tickets (tenant_id, resolved_at) where resolved_at is not null;

create table ratings (
    tenant_id blob not null,
    ticket_id blob not null,
    resolution integer not null,
    rating text not null,
    primary key (tenant_id, ticket_id, resolution),
    foreign key (tenant_id, ticket_id) references tickets
) strict, without rowid;
