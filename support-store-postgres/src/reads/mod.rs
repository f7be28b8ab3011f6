//! Reading what is stored. Statements take the tenant as their first parameter, but for those
//! that find one.

mod accounts;
mod articles;
mod assignment;
mod callbacks;
mod canned_responses;
mod deliveries;
mod erasure;
mod events;
mod figures;
mod files;
mod messages;
mod people;
mod search;
mod tenants;
mod ticket_lists;
mod tickets;
mod webhooks;

use support_core::ports::{PageRequest, RecordOrder, RecordSort, SortOrder};

#[cfg(test)]
pub(crate) use self::{
    accounts::STATEMENTS as ACCOUNTS, articles::AnsweringArticles, articles::ListedArticles,
    articles::STATEMENTS as ARTICLES, assignment::STATEMENTS as ASSIGNMENT, callbacks::ListedCallbacks,
    callbacks::STATEMENTS as CALLBACKS, canned_responses::STATEMENTS as CANNED_RESPONSES, deliveries::ListedDeliveries,
    deliveries::STATEMENTS as DELIVERIES, erasure::STATEMENTS as ERASURE, events::STATEMENTS as EVENTS,
    figures::STATEMENTS as FIGURES, files::STATEMENTS as FILES, messages::STATEMENTS as MESSAGES, people::ListedAgents,
    people::ListedCustomers, people::STATEMENTS as PEOPLE, search::Searched, tenants::STATEMENTS as TENANTS,
    ticket_lists::Listed, tickets::STATEMENTS as TICKETS, webhooks::STATEMENTS as WEBHOOKS,
};

/// How many items lie before a page.
fn offset(page: PageRequest) -> i64 {
    i64::from(page.number.saturating_sub(1)).saturating_mul(i64::from(page.limit))
}

/// What puts a list of records in order, whose names and ids are called so.
fn ordered(order: RecordOrder, name: &str, id: &str) -> String {
    let value = match order.sort {
        RecordSort::CreatedAt => "created_at",
        RecordSort::UpdatedAt => "updated_at",
        RecordSort::Name => name,
    };
    let direction = match order.order {
        SortOrder::Ascending => "",
        SortOrder::Descending => " desc",
    };
    format!(" order by {value}{direction}, {id}{direction}")
}

/// The pattern that finds a text anywhere, whatever signs it holds.
fn containing(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
