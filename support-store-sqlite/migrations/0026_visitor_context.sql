-- The visits from which tickets were opened.

create table visitor_contexts (
    tenant_id blob not null,
    ticket_id blob not null,
    context text not null,
    primary key (tenant_id, ticket_id),
    foreign key (tenant_id, ticket_id) references tickets on delete cascade
) strict;
