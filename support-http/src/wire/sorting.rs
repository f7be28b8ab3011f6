//! How lists are sorted.

use serde::Deserialize;
use support_core::{
    model::Input,
    ports::{RecordOrder, RecordSort, SortOrder, TicketSort},
};

use super::named::given;

const TICKETS: [(&str, TicketSort); 3] = [
    ("createdAt", TicketSort::CreatedAt),
    ("updatedAt", TicketSort::UpdatedAt),
    ("priority", TicketSort::Priority),
];
const RECORDS: [(&str, RecordSort); 3] = [
    ("createdAt", RecordSort::CreatedAt),
    ("updatedAt", RecordSort::UpdatedAt),
    ("name", RecordSort::Name),
];
const ORDERS: [(&str, SortOrder); 2] = [("asc", SortOrder::Ascending), ("desc", SortOrder::Descending)];

/// How somebody wants a list to be sorted. To be flattened into a query.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SortQuery {
    sort_by: Option<String>,
    sort_order: Option<String>,
}

impl SortQuery {
    /// For a list of tickets, whose newest, or most urgent, come first unless it is asked otherwise.
    pub(crate) fn tickets(&self, usual: TicketSort, input: &mut Input) -> (TicketSort, SortOrder) {
        let sort = one_of("sort_by", self.sort_by.as_deref(), &TICKETS, input);
        (sort.unwrap_or(usual), self.order(input).unwrap_or_default())
    }

    /// For a list of agents, customers or tenants. Names go from A to Z and times from the newest
    /// on, unless a direction is named.
    pub(crate) fn records(&self, usual: RecordOrder, input: &mut Input) -> RecordOrder {
        let sort = one_of("sort_by", self.sort_by.as_deref(), &RECORDS, input);
        let usual = match sort {
            None => usual,
            Some(RecordSort::Name) => RecordOrder::BY_NAME,
            Some(sort) => RecordOrder::new(sort, SortOrder::Descending),
        };
        RecordOrder::new(usual.sort, self.order(input).unwrap_or(usual.order))
    }

    fn order(&self, input: &mut Input) -> Option<SortOrder> {
        one_of("sort_order", self.sort_order.as_deref(), &ORDERS, input)
    }
}

fn one_of<T: Copy>(field: &str, name: Option<&str>, known: &[(&str, T)], input: &mut Input) -> Option<T> {
    let name = given(name)?;
    let found = known.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    if found.is_none() {
        let known: Vec<&str> = known.iter().map(|(known, _)| *known).collect();
        input.refuse(field, format!("`{name}` is not one of: {}", known.join(" ")));
    }
    found
}
