-- Lists of tickets by tag, by inbox, and of those that nobody has.

-- Which tickets have a tag. The database keeps it, since it says nothing that the tickets' own column doesn't.
create table ticket_tags (
    tenant_id blob not null references tenants,
    tag text not null,
    ticket_id blob not null,
    primary key (tenant_id, tag, ticket_id)
) strict, without rowid;
insert into ticket_tags (tenant_id, tag, ticket_id)
    select distinct t.tenant_id, tag.value, t.id from tickets t, json_each(t.tags) tag;

create trigger ticket_is_tagged after insert on tickets when new.tags <> '[]'
begin
    insert into ticket_tags (tenant_id, tag, ticket_id)
        select distinct new.tenant_id, tag.value, new.id from json_each(new.tags) tag;
end;
create trigger ticket_is_retagged after update of tags on tickets when old.tags <> new.tags
begin
    delete from ticket_tags where tenant_id = old.tenant_id and ticket_id = old.id
        and tag in (select value from json_each(old.tags));
    insert into ticket_tags (tenant_id, tag, ticket_id)
        select distinct new.tenant_id, tag.value, new.id from json_each(new.tags) tag;
end;
create trigger ticket_with_tags_is_gone after delete on tickets when old.tags <> '[]'
begin
    delete from ticket_tags where tenant_id = old.tenant_id and ticket_id = old.id
        and tag in (select value from json_each(old.tags));
end;

-- What people narrow lists by stands in each index, so that tickets are passed over without being read. A department's
-- and an agent's lie by state: all of them are six lists, merged; `is null` leads to what nobody has.
drop index tickets_by_age;
drop index tickets_by_status;
drop index tickets_by_department;
drop index tickets_of_agent;
create index tickets_by_age on tickets (tenant_id, created_at desc, id desc, status, department_id, assignee_id, priority);
create index tickets_by_status on tickets (tenant_id, status, created_at desc, id desc, department_id, assignee_id, priority);
create index tickets_by_department on tickets (tenant_id, department_id, status, created_at desc, id desc, assignee_id);
create index tickets_of_agent on tickets (tenant_id, assignee_id, status, created_at desc, id desc, department_id);
create index tickets_of_inbox on tickets (tenant_id, inbox_id, created_at desc, id desc);
