-- Customers are told anew what they missed out of their own part of the journal.
create index events_of_customer on events (tenant_id, customer_id, seq) where customer_id is not null;
-- What customers count of their threads is all but the notes, which are few.
create index messages_notes on messages (tenant_id, ticket_id) where kind = 'note';
