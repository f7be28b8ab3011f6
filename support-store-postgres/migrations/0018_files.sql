-- Files that people send in; their bytes are elsewhere.

create table files (
    tenant_id uuid not null references tenants,
    id uuid not null,
    ticket_id uuid,
    uploader json not null,
    name text not null,
    kind text not null,
    size bigint not null,
    width bigint,
    height bigint,
    key text not null,
    state text not null,
    message_id uuid,
    is_note boolean not null,
    version bigint not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create index files_left_over on files (created_at, tenant_id, id) where state <> 'attached';
create index files_of_ticket on files (tenant_id, ticket_id) where ticket_id is not null;

alter table files enable row level security;
alter table files force row level security;
create policy of_named_tenants on files using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

-- What a message carries; null where that is nothing.
alter table messages add column attachments json;
