-- Lists of tickets by tag, by inbox, and of those that nobody has.

-- Which tickets have a tag: under row-level security no index over JSON may be used for `?`, which could tell what it
-- sees. The database keeps it, since it says nothing that the tickets' own column doesn't.
create table ticket_tags (
    tenant_id uuid not null references tenants,
    tag text collate "C" not null,
    ticket_id uuid not null,
    primary key (tenant_id, tag, ticket_id)
);
insert into ticket_tags (tenant_id, tag, ticket_id)
    select tenant_id, tag, id from tickets, jsonb_array_elements_text(tags) tag;

alter table ticket_tags enable row level security;
alter table ticket_tags force row level security;
create policy of_named_tenants on ticket_tags using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

create function note_ticket_tags() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        delete from ticket_tags where tenant_id = old.tenant_id and ticket_id = old.id
            and tag in (select jsonb_array_elements_text(old.tags));
    end if;
    if tg_op <> 'DELETE' then
        insert into ticket_tags (tenant_id, tag, ticket_id)
            select distinct new.tenant_id, tag, new.id from jsonb_array_elements_text(new.tags) tag;
    end if;
    return null;
end
$$;
create trigger ticket_is_tagged after insert on tickets for each row
    when (new.tags <> '[]') execute function note_ticket_tags();
create trigger ticket_is_retagged after update of tags on tickets for each row
    when (old.tags is distinct from new.tags) execute function note_ticket_tags();
create trigger ticket_with_tags_is_gone after delete on tickets for each row
    when (old.tags <> '[]') execute function note_ticket_tags();

-- Whoever has many tickets has few of most states: what lies by age alone is walked to its end for them.
create index tickets_by_department_and_status on tickets (tenant_id, department_id, status, created_at desc, id desc);
create index tickets_by_agent_and_status on tickets (tenant_id, assignee_id, status, created_at desc, id desc)
    where assignee_id is not null;
create index tickets_of_inbox on tickets (tenant_id, inbox_id, created_at desc, id desc);
-- `is null` counts as no fixed value when an index gives an order.
create index tickets_of_no_agent on tickets (tenant_id, created_at desc, id desc) where assignee_id is null;
