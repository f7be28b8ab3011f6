-- The visits from which tickets were opened.

create table visitor_contexts (
    tenant_id uuid not null,
    ticket_id uuid not null,
    context json not null,
    primary key (tenant_id, ticket_id),
    foreign key (tenant_id, ticket_id) references tickets on delete cascade
);

alter table visitor_contexts enable row level security;
alter table visitor_contexts force row level security;
create policy of_named_tenants on visitor_contexts using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);
