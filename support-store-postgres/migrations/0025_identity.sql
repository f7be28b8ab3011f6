-- Who may not write.

create table blocks (
    tenant_id uuid not null references tenants,
    id uuid not null,
    kind text not null,
    value text not null,
    reason text,
    expires_at timestamptz,
    created_by uuid,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create index blocks_by_age on blocks (tenant_id, created_at desc, id desc);

alter table blocks enable row level security;
alter table blocks force row level security;
create policy of_named_tenants on blocks using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);
