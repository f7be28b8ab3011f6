-- The knowledge base.

create table articles (
    tenant_id uuid not null references tenants,
    id uuid not null,
    slug text collate "C" not null,
    title text not null,
    content text not null,
    category text,
    -- What categories and languages are told apart by.
    category_key text collate "C",
    tags jsonb not null,
    language text collate "C" not null,
    language_key text collate "C" not null,
    is_published boolean not null,
    sort_order integer not null,
    views bigint not null,
    helpful bigint not null,
    unhelpful bigint not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index articles_by_slug on articles (tenant_id, slug, language);
-- The lists that are shown, each in its order.
create index articles_in_order on articles (tenant_id, sort_order, id);
create index articles_published on articles (tenant_id, is_published, sort_order, id);
create index articles_of_category on articles (tenant_id, is_published, category_key, sort_order, id);
create index articles_in_language on articles (tenant_id, is_published, language_key, sort_order, id);

create table article_votes (
    tenant_id uuid not null,
    article_id uuid not null,
    -- Stands for the reader; who that is can't be read from it.
    voter text not null,
    is_helpful boolean not null,
    primary key (tenant_id, article_id, voter),
    foreign key (tenant_id, article_id) references articles on delete cascade
);

-- What is searched for, as with tickets: terms come ready made, each with its tenant's key in front, and behind it one
-- of 64 parts that the article fell to. A search goes through part after part and stops when it has enough, so that
-- what is said everywhere does not make it long.
--
-- Without row-level security, under which no index may be used for `@@`. Nothing but ids ever leaves it, and every
-- reading joins them with articles, which has it.
create table article_words (
    tenant_id uuid not null,
    article_id uuid not null,
    words tsvector not null,
    primary key (tenant_id, article_id)
);
-- What is new is put into the index at once: every search would have to go through a list of what is pending, for every
-- part anew.
create index article_words_by_term on article_words using gin (words) with (fastupdate = off);

alter table articles enable row level security;
alter table articles force row level security;
create policy of_named_tenants on articles using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);

alter table article_votes enable row level security;
alter table article_votes force row level security;
create policy of_named_tenants on article_votes using (
    (select current_setting('support.tenants', true) = '*')
    or tenant_id = any ((select nullif(nullif(current_setting('support.tenants', true), ''), '*')::uuid[])::uuid[])
);
