-- The last line of defence between tenants: a session sees and writes the rows of those it names in `support.tenants`,
-- an array of ids or `*`. Tables' owners are bound too (force); superusers are not.
-- The setting is read in sub-selects, so once a statement and not once a row. A setting that was never made, or whose
-- transaction has ended, is null or empty, and lets nothing through.

alter table tenants enable row level security;
alter table tenants force row level security;
create policy of_named_tenants on tenants using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table tenant_domains enable row level security;
alter table tenant_domains force row level security;
create policy of_named_tenants on tenant_domains using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table tenant_counters enable row level security;
alter table tenant_counters force row level security;
create policy of_named_tenants on tenant_counters using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table inboxes enable row level security;
alter table inboxes force row level security;
create policy of_named_tenants on inboxes using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table departments enable row level security;
alter table departments force row level security;
create policy of_named_tenants on departments using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table agents enable row level security;
alter table agents force row level security;
create policy of_named_tenants on agents using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table customers enable row level security;
alter table customers force row level security;
create policy of_named_tenants on customers using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table visitors enable row level security;
alter table visitors force row level security;
create policy of_named_tenants on visitors using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table accounts enable row level security;
alter table accounts force row level security;
create policy of_named_tenants on accounts using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table login_guards enable row level security;
alter table login_guards force row level security;
create policy of_named_tenants on login_guards using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table revoked_tokens enable row level security;
alter table revoked_tokens force row level security;
create policy of_named_tenants on revoked_tokens using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy of_named_tenants on api_keys using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table tickets enable row level security;
alter table tickets force row level security;
create policy of_named_tenants on tickets using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table ticket_threads enable row level security;
alter table ticket_threads force row level security;
create policy of_named_tenants on ticket_threads using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table messages enable row level security;
alter table messages force row level security;
create policy of_named_tenants on messages using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table events enable row level security;
alter table events force row level security;
create policy of_named_tenants on events using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table notifications enable row level security;
alter table notifications force row level security;
create policy of_named_tenants on notifications using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table deliveries enable row level security;
alter table deliveries force row level security;
create policy of_named_tenants on deliveries using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table presences enable row level security;
alter table presences force row level security;
create policy of_named_tenants on presences using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table requests enable row level security;
alter table requests force row level security;
create policy of_named_tenants on requests using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);
