-- Customers can be many, and their list is sorted as people wish.
create index customers_by_change on customers (tenant_id, updated_at, id);
create index customers_by_name on customers (tenant_id, (coalesce(name, '') collate "C"), id);
-- Names come in the same order whatever language a database was made for.
drop index agents_by_name;
create index agents_by_name on agents (tenant_id, name collate "C", id);
