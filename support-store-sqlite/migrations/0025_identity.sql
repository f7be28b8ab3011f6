-- Who may not write.

create table blocks (
    tenant_id blob not null references tenants,
    id blob not null,
    kind text not null,
    value text not null,
    reason text,
    expires_at integer,
    created_by blob,
    created_at integer not null,
    primary key (tenant_id, id)
) strict;
create index blocks_by_age on blocks (tenant_id, created_at desc, id desc);
