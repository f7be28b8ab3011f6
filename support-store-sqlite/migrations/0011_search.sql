-- What is searched for. The words of a text come ready made, each with its tenant's key in front, so that one tenant's
-- searches never walk through another's words. An entry's number grows with time: newest first is the index's own order
-- backwards. Entries are found by what they belong to, so that words are forgotten with it; seq 0 is a ticket's head.
create table search_entries (
    entry integer primary key,
    tenant_id blob not null,
    ticket_id blob not null,
    seq integer not null,
    unique (tenant_id, ticket_id, seq)
) strict;
-- Words alone: neither texts nor places within texts are kept. The tokenizer only parts them at the spaces between.
create virtual table search_words using fts5(words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');

-- What nobody is meant for is in everybody's list, and little; tickets without a department may be many.
create index tickets_of_nobody on tickets (tenant_id, created_at desc, id desc)
    where assignee_id is null and department_id is null;
