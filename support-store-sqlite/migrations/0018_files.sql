-- Files that people send in; their bytes are elsewhere.

create table files (
    tenant_id blob not null references tenants,
    id blob not null,
    ticket_id blob,
    uploader text not null,
    name text not null,
    kind text not null,
    size integer not null,
    width integer,
    height integer,
    key text not null,
    state text not null,
    message_id blob,
    is_note integer not null,
    version integer not null,
    created_at integer not null,
    primary key (tenant_id, id)
) strict;
create index files_left_over on files (created_at, tenant_id, id) where state <> 'attached';
create index files_of_ticket on files (tenant_id, ticket_id) where ticket_id is not null;

-- What a message carries; null where that is nothing.
alter table messages add column attachments text;
