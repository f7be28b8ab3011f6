-- Customers can be many, and their list is sorted as people wish.
create index customers_by_change on customers (tenant_id, updated_at, id);
create index customers_by_name on customers (tenant_id, coalesce(name, ''), id);
