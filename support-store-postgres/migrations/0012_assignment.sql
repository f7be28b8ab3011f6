-- What a ticket asks of its agent, and until when somebody is waited for who was given it.
alter table tickets
    add column required_skills jsonb not null default '[]',
    add column languages jsonb not null default '[]',
    add column accept_by timestamptz,
    add column passed_over jsonb not null default '[]';

create index tickets_to_accept on tickets (accept_by, tenant_id, id) where accept_by is not null;
