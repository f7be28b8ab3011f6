-- Answers that agents have at hand.

create table canned_responses (
    tenant_id blob not null references tenants,
    id blob not null,
    shortcut text not null,
    title text not null,
    content text not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id)
) strict;
create unique index canned_responses_by_shortcut on canned_responses (tenant_id, shortcut);
