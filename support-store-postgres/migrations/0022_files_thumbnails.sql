-- How large the small picture of an image is; null where there is none.

alter table files add column thumbnail_size bigint;
