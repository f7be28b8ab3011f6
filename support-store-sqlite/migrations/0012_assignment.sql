-- What a ticket asks of its agent, and until when somebody is waited for who was given it.
alter table tickets add column required_skills text not null default '[]';
alter table tickets add column languages text not null default '[]';
alter table tickets add column accept_by integer;
alter table tickets add column passed_over text not null default '[]';

create index tickets_to_accept on tickets (accept_by, tenant_id, id) where accept_by is not null;
