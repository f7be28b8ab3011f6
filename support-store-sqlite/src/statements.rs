//! Statements as constants, and the proof that the schema takes each of them.

/// Declares statements, and `STATEMENTS`, which lists them for the test.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* const $name: &str = $sql;)+

        /// Every statement of this file.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name),)+];
    };
}
pub(crate) use statements;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use sqlx::{AssertSqlSafe, Executor, Row, SqlSafeStr, SqliteConnection};
    use support_core::{
        model::{AgentId, Status, TenantId, TicketId},
        ports::{AssigneeFilter, SortOrder, TicketCursor, TicketFilter, TicketPosition, TicketSort},
    };
    use uuid::Uuid;

    use crate::{SqliteConfig, SqliteStore, commit, deliveries, presence, reads, upkeep};

    /// Every statement of the crate that is written down as a constant.
    fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        let files = [
            commit::CHECKS,
            commit::WRITES,
            reads::ACCOUNTS,
            reads::ASSIGNMENT,
            reads::EVENTS,
            reads::MESSAGES,
            reads::PEOPLE,
            reads::TENANTS,
            reads::TICKETS,
            deliveries::STATEMENTS,
            presence::STATEMENTS,
            upkeep::STATEMENTS,
        ];
        files.into_iter().flatten().copied()
    }

    /// Lists of tickets that people look at all day.
    fn hot_lists() -> Vec<TicketFilter> {
        let by = |sort, order| TicketFilter {
            sort,
            order,
            ..TicketFilter::default()
        };
        let newest = || by(TicketSort::CreatedAt, SortOrder::Descending);
        vec![
            newest(),
            by(TicketSort::CreatedAt, SortOrder::Ascending),
            by(TicketSort::UpdatedAt, SortOrder::Descending),
            by(TicketSort::Priority, SortOrder::Descending),
            TicketFilter {
                statuses: vec![Status::Open],
                ..newest()
            },
            TicketFilter {
                statuses: vec![Status::Open, Status::Waiting],
                ..newest()
            },
            TicketFilter {
                assignee: Some(AssigneeFilter::Is(AgentId::new(Uuid::nil()))),
                ..newest()
            },
            TicketFilter {
                assignee: Some(AssigneeFilter::Nobody),
                statuses: vec![Status::Open, Status::Waiting],
                ..newest()
            },
        ]
    }

    /// The lists as statements: from the first page, after a place, and counted.
    fn listed(filter: &TicketFilter) -> [String; 3] {
        let list = |position| reads::Listed {
            tenant: TenantId::new(Uuid::nil()),
            filter,
            position,
            limit: 20,
        };
        let first = list(TicketPosition::Page(1));
        let later = list(TicketPosition::After(TicketCursor {
            value: 0,
            id: TicketId::new(Uuid::nil()),
        }));
        [
            first.select().into_string(),
            later.select().into_string(),
            first.count().into_string(),
        ]
    }

    async fn migrated() -> (tempfile::TempDir, SqliteStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(SqliteConfig::new(folder.path().join("store.db"))).await;
        (folder, store.unwrap())
    }

    /// How SQLite goes about a statement, one step a line.
    async fn plan(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
        let statement = sqlx::query(AssertSqlSafe(format!("explain query plan {sql}")));
        let rows = statement.fetch_all(connection).await.unwrap();
        rows.iter().map(|row| row.get("detail")).collect()
    }

    /// Steps that go through all of a table that grows.
    fn scans(plan: &[String]) -> Vec<&String> {
        let aliases = [
            "t",
            "th",
            "m",
            "e",
            "d",
            "earlier",
            "tickets",
            "ticket_threads",
            "messages",
            "events",
        ];
        let is_scan = |step: &&String| {
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            scanned.is_some_and(|table| aliases.contains(&table))
        };
        plan.iter().filter(is_scan).collect()
    }

    /// How often rows are put in order by sorting them.
    fn sorts(plan: &[String]) -> usize {
        plan.iter().filter(|step| step.contains("TEMP B-TREE")).count()
    }

    #[tokio::test]
    async fn the_schema_takes_every_statement() {
        let (_folder, store) = migrated().await;
        let mut connection = store.writer.acquire().await.unwrap();
        for (name, sql) in all() {
            let prepared = connection.prepare(sql.into_sql_str()).await;
            assert!(prepared.is_ok(), "{name}: {prepared:?}");
        }
        for sql in hot_lists().iter().flat_map(listed) {
            let prepared = connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await;
            assert!(prepared.is_ok(), "{sql}: {prepared:?}");
        }
    }

    #[tokio::test]
    async fn no_statement_goes_through_all_of_a_table_that_grows() {
        let (_folder, store) = migrated().await;
        let mut connection = store.writer.acquire().await.unwrap();
        for (name, sql) in all() {
            let plan = plan(&mut connection, sql).await;
            assert!(scans(&plan).is_empty(), "{name}: {plan:#?}");
        }
        for sql in hot_lists().iter().flat_map(listed) {
            let plan = plan(&mut connection, &sql).await;
            assert!(scans(&plan).is_empty(), "{sql}: {plan:#?}");
        }
    }

    #[tokio::test]
    async fn hot_lists_come_out_of_an_index_in_order() {
        let (_folder, store) = migrated().await;
        let mut connection = store.writer.acquire().await.unwrap();
        let wanted = [
            "MESSAGES",
            "EVENTS",
            "EVENTS_OF_KIND",
            "EVENTS_OF_TICKET",
            "UNASSIGNED_TICKETS",
            "UNFINISHED_TICKETS_OF_AGENT",
            "NOTIFICATIONS",
            "DUE",
        ];
        let hot: Vec<_> = all().filter(|(name, _)| wanted.contains(name)).collect();
        assert_eq!(hot.len(), wanted.len());
        for (name, sql) in hot {
            let plan = plan(&mut connection, sql).await;
            assert_eq!(sorts(&plan), 0, "{name}: {plan:#?}");
        }
        for sql in hot_lists().iter().flat_map(listed) {
            let plan = plan(&mut connection, &sql).await;
            assert_eq!(sorts(&plan), 0, "{sql}: {plan:#?}");
        }
    }
}
