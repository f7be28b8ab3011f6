-- The knowledge base.

create table articles (
    tenant_id blob not null references tenants,
    id blob not null,
    slug text not null,
    title text not null,
    content text not null,
    category text,
    -- What categories and languages are told apart by.
    category_key text,
    tags text not null,
    language text not null,
    language_key text not null,
    is_published integer not null,
    sort_order integer not null,
    views integer not null,
    helpful integer not null,
    unhelpful integer not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, id)
) strict;
create unique index articles_by_slug on articles (tenant_id, slug, language);
-- The lists that are shown, each in its order.
create index articles_in_order on articles (tenant_id, sort_order, id);
create index articles_published on articles (tenant_id, is_published, sort_order, id);
create index articles_of_category on articles (tenant_id, is_published, category_key, sort_order, id);
create index articles_in_language on articles (tenant_id, is_published, language_key, sort_order, id);

create table article_votes (
    tenant_id blob not null,
    article_id blob not null,
    -- Stands for the reader; who that is can't be read from it.
    voter text not null,
    is_helpful integer not null,
    primary key (tenant_id, article_id, voter),
    foreign key (tenant_id, article_id) references articles on delete cascade
) strict, without rowid;

-- What is searched for, as with tickets: terms come ready made, each with its tenant's key in front.
create table article_entries (
    entry integer primary key,
    tenant_id blob not null,
    article_id blob not null,
    unique (tenant_id, article_id)
) strict;
create virtual table article_words using fts5(words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
