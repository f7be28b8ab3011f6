-- What is searched for. The words of a text come ready made, each with its tenant's key and its period in front: a
-- period is a run of 32768 journal entries. So the index is cut by tenant and by age: a search goes through the newest
-- period first and stops when it has enough, and neither what is said everywhere nor another tenant makes it long.
--
-- This table alone has no row-level security: under it no index may be used for `@@`, which could tell what it sees.
-- Nothing but ids ever leaves it, and every reading joins them with tickets, which has it.
create table search_words (
    tenant_id uuid not null,
    ticket_id uuid not null,
    -- The message's place in the thread; 0 is the ticket's head.
    seq bigint not null,
    -- The journal entry it was written with: the higher, the newer.
    place bigint not null,
    words tsvector not null,
    primary key (tenant_id, ticket_id, seq)
);
-- What is new is put into the index at once: every search would have to go through a list of what is pending, for every
-- period anew.
create index search_words_by_word on search_words using gin (words) with (fastupdate = off);

-- A list by urgency comes out of it in order; unassigned tickets alone have one so far.
create index tickets_by_priority on tickets (tenant_id, priority desc, id desc);
-- What nobody is meant for is in everybody's list, and little; tickets without a department may be many.
create index tickets_of_nobody on tickets (tenant_id, created_at desc, id desc)
    where assignee_id is null and department_id is null;
