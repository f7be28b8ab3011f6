-- When somebody is there for a department; null is as everywhere at the tenant's.
alter table departments add column office_hours text;
