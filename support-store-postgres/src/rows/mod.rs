//! Between rows and the model, each way. A row serialises to the JSON object that the bulk
//! statements take apart again with `json_populate_recordset`.

mod articles;
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
mod tickets;
mod visitors;
mod webhooks;

use std::{fmt::Display, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sqlx::types::Json;
use support_core::{
    model::{Principal, Priority, Requester, Timestamp},
    ports::StoreError,
};
use uuid::Uuid;

pub(crate) use articles::{ANY_PART, ArticleRow, ArticleVoteRow, ArticleWordsRow, PARTS, asked_terms};
pub(crate) use callbacks::CallbackRow;
pub(crate) use canned_responses::CannedResponseRow;
pub(crate) use deliveries::{DeliveryRow, NotificationRow};
pub(crate) use erasure::ErasureRow;
pub(crate) use events::{EventRow, JournalRow};
pub(crate) use figures::{FigureKey, FigureRow, MeasuresRow, RatingRow, scope_name};
pub(crate) use files::FileRow;
pub(crate) use messages::MessageRow;
pub(crate) use people::{
    AccountRow, AgentRow, ApiKeyRow, CandidateRow, CustomerRow, LoginGuardRow, PresenceRow, VisitorRow,
};
pub(crate) use search::{ANY_PERIOD, FoundRow, PERIOD, WordsRow, asked_words};
pub(crate) use tenants::{DepartmentRow, DomainRow, InboxRow, RequestRow, TenantRow};
pub(crate) use tickets::{StoredTicket, ThreadRow, TicketRow};
pub(crate) use visitors::{BlockRow, VisitorContextRow};
pub(crate) use webhooks::WebhookRow;

/// A column of points in time.
pub(crate) type Time = DateTime<Utc>;

/// A column of JSON, as text.
pub(crate) type Raw = Json<Box<RawValue>>;

/// Declares a row whose fields are named like its columns.
macro_rules! row {
    ($(#[$doc:meta])+ $name:ident { $($field:ident: $kind:ty,)+ }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, serde::Serialize)]
        pub(crate) struct $name { $(pub(crate) $field: $kind,)+ }

        impl sqlx::FromRow<'_, sqlx::postgres::PgRow> for $name {
            fn from_row(row: &sqlx::postgres::PgRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?,)+ })
            }
        }
    };
}
use row;

/// The error for what is stored in `table` and makes no sense.
pub(crate) fn inconsistent(table: &'static str, problem: impl Display) -> StoreError {
    StoreError::Inconsistent {
        table,
        problem: problem.to_string(),
    }
}

/// A value that is stored by its name.
pub(crate) fn parsed<T: FromStr<Err: Display>>(table: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|problem| inconsistent(table, problem))
}

/// A value that is stored as JSON.
pub(crate) fn from_json<T: DeserializeOwned>(table: &'static str, stored: &Raw) -> Result<T, StoreError> {
    serde_json::from_str(stored.0.get()).map_err(|problem| inconsistent(table, problem))
}

/// A value as it is stored as JSON.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<Raw, StoreError> {
    let text = serde_json::value::to_raw_value(value);
    text.map(Json)
        .map_err(|problem| StoreError::Failed(problem.to_string()))
}

/// A count as it is stored; what no database can count counts as the most it can.
pub(crate) fn stored_count(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// A count as the model has it.
pub(crate) fn count<T: TryFrom<i64>>(table: &'static str, stored: i64) -> Result<T, StoreError> {
    T::try_from(stored).map_err(|_| inconsistent(table, format!("{stored} is no count")))
}

/// A time as it is stored.
pub(crate) fn stored_time(at: Timestamp) -> Time {
    at.to_datetime()
}

/// A time as the model has it.
pub(crate) fn time(stored: Time) -> Timestamp {
    Timestamp::from(stored)
}

/// A priority's place in its order, lowest first.
pub(crate) fn priority_place(priority: Priority) -> i64 {
    stored_count(Priority::ALL.iter().take_while(|earlier| **earlier < priority).count())
}

/// The priority at a place in the order.
pub(crate) fn priority_at(table: &'static str, place: i64) -> Result<Priority, StoreError> {
    let place: usize = count(table, place)?;
    let priority = Priority::ALL.get(place).copied();
    priority.ok_or_else(|| inconsistent(table, format!("{place} is no priority")))
}

/// The kind's name and the bare id of a principal.
pub(crate) fn stored_principal(principal: Principal) -> (&'static str, Uuid) {
    match principal {
        Principal::Agent(agent) => ("agent", agent.uuid()),
        Principal::Customer(customer) => ("customer", customer.uuid()),
    }
}

/// A principal by kind and id.
pub(crate) fn principal(table: &'static str, kind: &str, id: Uuid) -> Result<Principal, StoreError> {
    match kind {
        "agent" => Ok(Principal::Agent(id.into())),
        "customer" => Ok(Principal::Customer(id.into())),
        other => Err(inconsistent(table, format!("`{other}` is no principal"))),
    }
}

/// The kind's name and the bare id of a requester.
pub(crate) fn stored_requester(requester: Requester) -> (&'static str, Uuid) {
    match requester {
        Requester::Visitor(visitor) => ("visitor", visitor.uuid()),
        Requester::Customer(customer) => ("customer", customer.uuid()),
    }
}

/// A requester by kind and id.
pub(crate) fn requester(table: &'static str, kind: &str, id: Uuid) -> Result<Requester, StoreError> {
    match kind {
        "visitor" => Ok(Requester::Visitor(id.into())),
        "customer" => Ok(Requester::Customer(id.into())),
        other => Err(inconsistent(table, format!("`{other}` is no requester"))),
    }
}
