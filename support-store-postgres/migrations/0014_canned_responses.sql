-- Answers that agents have at hand.

create table canned_responses (
    tenant_id uuid not null references tenants,
    id uuid not null,
    shortcut text collate "C" not null,
    title text not null,
    content text not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index canned_responses_by_shortcut on canned_responses (tenant_id, shortcut);

alter table canned_responses enable row level security;
alter table canned_responses force row level security;
create policy of_named_tenants on canned_responses using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);
