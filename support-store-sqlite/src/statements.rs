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

    use rusqlite::Connection;
    use support_core::{
        model::{
            AgentId, ArticleSearch, ArticleWords, CallbackStatus, Channel, CustomerId, DeliveryStatus, DepartmentId,
            InboxId, Status, TenantId, TicketId, Timestamp, WordQuery,
        },
        ports::{
            AgentFilter, ArticleFilter, AssigneeFilter, CallbackFilter, CustomerFilter, DeliveryFilter, PageRequest,
            RecordOrder, RecordSort, SortOrder, TicketCursor, TicketFilter, TicketPosition, TicketSearch, TicketSort,
            VisibleTo,
        },
    };
    use uuid::Uuid;

    use crate::{commit, connections::open_writer, deliveries, migrate, presence, query::QueryBuilder, reads, upkeep};

    /// Every statement of the crate that is written down as a constant.
    fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        let files = [
            commit::ARTICLES,
            commit::ERASURE,
            commit::FACTS,
            commit::FIGURES,
            commit::WRITES,
            commit::VISITORS,
            reads::ACCOUNTS,
            reads::ARTICLES,
            reads::ASSIGNMENT,
            reads::CALLBACKS,
            reads::CANNED_RESPONSES,
            reads::DELIVERIES,
            reads::ERASURE,
            reads::EVENTS,
            reads::FILES,
            reads::FIGURES,
            reads::MESSAGES,
            reads::PEOPLE,
            reads::TENANTS,
            reads::TICKETS,
            reads::WEBHOOKS,
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
            TicketFilter {
                assignee: Some(AssigneeFilter::Nobody),
                ..newest()
            },
            TicketFilter {
                department: Some(DepartmentId::new(Uuid::nil())),
                ..newest()
            },
            TicketFilter {
                inbox: Some(InboxId::new(Uuid::nil())),
                ..newest()
            },
        ]
    }

    /// Lists that are found first and sorted then, as statements, and counted.
    fn short_lists() -> Vec<String> {
        let tagged = |statuses, sort| TicketFilter {
            tag: Some("vip".to_owned()),
            statuses,
            sort,
            ..TicketFilter::default()
        };
        let filters = [
            tagged(Vec::new(), TicketSort::CreatedAt),
            tagged(vec![Status::Open], TicketSort::UpdatedAt),
            tagged(vec![Status::Open, Status::Closed], TicketSort::Priority),
        ];
        let listed = |filter| reads::Listed {
            tenant: TenantId::new(Uuid::nil()),
            filter,
            position: TicketPosition::Page(2),
            limit: 20,
            has_rare_tag: true,
        };
        let statements = filters
            .iter()
            .flat_map(|filter| [listed(filter).count(), listed(filter).select_few()]);
        statements.map(QueryBuilder::into_string).collect()
    }

    /// Lists of callbacks that people look at all day, as statements.
    fn lists_of_callbacks() -> Vec<String> {
        let any = CallbackFilter::default;
        let filters = [
            any(),
            CallbackFilter {
                status: Some(CallbackStatus::Pending),
                ..any()
            },
            CallbackFilter {
                assigned_to: Some(AgentId::new(Uuid::nil())),
                ..any()
            },
            CallbackFilter {
                customer: Some(CustomerId::new(Uuid::nil())),
                ..any()
            },
            CallbackFilter {
                from: Some(Timestamp::from_millis(0)),
                to: Some(Timestamp::from_millis(1)),
                ..any()
            },
        ];
        let listed = |filter| reads::ListedCallbacks {
            tenant: TenantId::new(Uuid::nil()),
            filter,
            page: PageRequest { number: 2, limit: 20 },
        };
        filters
            .iter()
            .flat_map(|filter| [listed(filter).count(), listed(filter).select()])
            .map(QueryBuilder::into_string)
            .collect()
    }

    /// Lists of people, as statements: in every order.
    fn lists_of_people() -> Vec<String> {
        let (tenant, page) = (TenantId::new(Uuid::nil()), PageRequest { number: 2, limit: 20 });
        let sorts = [RecordSort::CreatedAt, RecordSort::UpdatedAt, RecordSort::Name];
        let orders = sorts
            .into_iter()
            .flat_map(|sort| [SortOrder::Ascending, SortOrder::Descending].map(|order| RecordOrder::new(sort, order)));
        let customers = orders.flat_map(|order| {
            let filter = &CustomerFilter { text: None, order };
            let listed = reads::ListedCustomers { tenant, filter, page };
            [listed.count(), listed.select()]
        });
        let filter = &AgentFilter::default();
        let agents = reads::ListedAgents { tenant, filter, page };
        let lists = customers.chain([agents.count(), agents.select()]);
        lists.map(QueryBuilder::into_string).collect()
    }

    /// Lists of deliveries that people look at all day, as statements.
    fn lists_of_deliveries() -> Vec<String> {
        let any = DeliveryFilter::default;
        let filters = [
            any(),
            DeliveryFilter {
                status: Some(DeliveryStatus::Dead),
                ..any()
            },
            DeliveryFilter {
                channel: Some(Channel::Webhook),
                ..any()
            },
            DeliveryFilter {
                channel: Some(Channel::Webhook),
                recipient: Some("somebody".to_owned()),
                ..any()
            },
        ];
        let listed = |filter| reads::ListedDeliveries {
            tenant: TenantId::new(Uuid::nil()),
            filter,
            page: PageRequest { number: 2, limit: 20 },
        };
        filters
            .iter()
            .flat_map(|filter| [listed(filter).count(), listed(filter).select()])
            .map(QueryBuilder::into_string)
            .collect()
    }

    /// Searches, for those who see all and for those who don't.
    fn searches() -> Vec<String> {
        let words = WordQuery::new("where is my parc").unwrap();
        let visible_to = VisibleTo {
            agent: AgentId::new(Uuid::nil()),
            departments: vec![DepartmentId::new(Uuid::nil())],
        };
        let searches = [None, Some(visible_to)].map(|visible_to| TicketSearch {
            words: words.clone(),
            visible_to,
        });
        let searched = searches.iter().map(|search| {
            let searched = reads::Searched {
                tenant: TenantId::new(Uuid::nil()),
                search,
                limit: 500,
            };
            searched.select()
        });
        searched.map(QueryBuilder::into_string).collect()
    }

    /// Lists of articles that people look at all day, as statements.
    fn lists_of_articles() -> Vec<String> {
        let published = || ArticleFilter {
            is_published: Some(true),
            ..ArticleFilter::default()
        };
        let filters = [
            ArticleFilter::default(),
            published(),
            ArticleFilter {
                category: Some("refunds".to_owned()),
                ..published()
            },
            ArticleFilter {
                language: Some("en".to_owned()),
                ..published()
            },
        ];
        let listed = |filter| reads::ListedArticles {
            tenant: TenantId::new(Uuid::nil()),
            filter,
            page: PageRequest { number: 2, limit: 20 },
        };
        filters
            .iter()
            .flat_map(|filter| [listed(filter).count(), listed(filter).select()])
            .map(QueryBuilder::into_string)
            .collect()
    }

    /// Searches of the knowledge base, as statements.
    fn searches_of_articles() -> Vec<String> {
        let words = WordQuery::new("where is my parc").unwrap();
        let search = ArticleSearch {
            words: ArticleWords::Every(words),
            category: Some("Parcels".to_owned()),
            language: Some("en".to_owned()),
        };
        let steps = search.steps();
        let answering = steps.iter().map(|query| reads::AnsweringArticles {
            tenant: TenantId::new(Uuid::nil()),
            query,
            limit: 50,
        });
        answering.map(|answering| answering.select().into_string()).collect()
    }

    /// Every list, as statements.
    fn lists() -> Vec<String> {
        let tickets = hot_lists();
        let tickets = tickets.iter().flat_map(listed);
        tickets
            .chain(searches())
            .chain(lists_of_articles())
            .chain(searches_of_articles())
            .chain(lists_of_callbacks())
            .chain(lists_of_deliveries())
            .chain(lists_of_people())
            .collect()
    }

    /// The lists as statements: from the first page, after a place, and counted.
    fn listed(filter: &TicketFilter) -> [String; 3] {
        let list = |position| reads::Listed {
            tenant: TenantId::new(Uuid::nil()),
            filter,
            position,
            limit: 20,
            has_rare_tag: false,
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

    fn migrated() -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open_writer(&folder.path().join("store.db")).unwrap();
        migrate::run(&mut connection).unwrap();
        (folder, connection)
    }

    /// How SQLite goes about a statement, one step a line.
    fn plan(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("explain query plan {sql}")).unwrap();
        let rows = statement.raw_query().mapped(|row| row.get("detail"));
        rows.collect::<Result<_, _>>().unwrap()
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
            "g",
            "tickets",
            "ticket_tags",
            "ticket_threads",
            "messages",
            "events",
            "callbacks",
            "deliveries",
            "files",
            "articles",
            "article_entries",
            "article_votes",
            "v",
        ];
        let is_scan = |step: &&String| {
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            scanned.is_some_and(|table| aliases.contains(&table))
        };
        plan.iter().filter(is_scan).collect()
    }

    /// These count by their nature, in the index of what is unfinished alone.
    const WHOLE: [&str; 1] = ["DELIVERIES_OWED"];

    /// How often rows are put in order by sorting them.
    fn sorts(plan: &[String]) -> usize {
        plan.iter().filter(|step| step.contains("TEMP B-TREE")).count()
    }

    #[test]
    fn the_schema_takes_every_statement() {
        let (_folder, connection) = migrated();
        for (name, sql) in all() {
            let prepared = connection.prepare(sql);
            assert!(prepared.is_ok(), "{name}: {prepared:?}");
        }
        for sql in lists().into_iter().chain(short_lists()) {
            let prepared = connection.prepare(&sql);
            assert!(prepared.is_ok(), "{sql}: {prepared:?}");
        }
    }

    #[test]
    fn no_statement_goes_through_all_of_a_table_that_grows() {
        let (_folder, connection) = migrated();
        for (name, sql) in all().filter(|(name, _)| !WHOLE.contains(name)) {
            let plan = plan(&connection, sql);
            assert!(scans(&plan).is_empty(), "{name}: {plan:#?}");
        }
        for sql in lists().into_iter().chain(short_lists()) {
            let plan = plan(&connection, &sql);
            assert!(scans(&plan).is_empty(), "{sql}: {plan:#?}");
        }
    }

    #[test]
    fn hot_lists_come_out_of_an_index_in_order() {
        let (_folder, connection) = migrated();
        let wanted = [
            "MESSAGES",
            "EVENTS",
            "EVENTS_OF_KIND",
            "EVENTS_OF_TICKET",
            "LATEST_TICKET_OF_SESSION",
            "UNASSIGNED_TICKETS",
            "UNASSIGNED_TICKETS_OF",
            "UNFINISHED_TICKETS_OF_AGENT",
            "NOTIFICATIONS",
            "CALLBACK_BY_NUMBER",
            "UNASSIGNED_CALLBACKS",
            "UNFINISHED_CALLBACKS_OF_AGENT",
            "CALLBACKS_TO_REMIND",
            "CALLBACKS_OVERDUE",
            "TICKETS_TO_ACCEPT",
            "DELIVERIES_WITH_KEY",
            "ARTICLES_WITH_SLUG",
            "WEBHOOKS_BEHIND",
            "LANES_DUE",
            "DUE",
            "FILES_LEFT_OVER",
        ];
        let hot: Vec<_> = all().filter(|(name, _)| wanted.contains(name)).collect();
        assert_eq!(hot.len(), wanted.len());
        for (name, sql) in hot {
            let plan = plan(&connection, sql);
            assert_eq!(sorts(&plan), 0, "{name}: {plan:#?}");
        }
        for sql in lists() {
            let plan = plan(&connection, &sql);
            assert_eq!(sorts(&plan), 0, "{sql}: {plan:#?}");
        }
    }
    #[test]
    fn the_queue_is_asked_by_lane_and_time() {
        let (_folder, connection) = migrated();
        let asked: Vec<_> = all().filter(|(name, _)| ["LANES_DUE", "DUE"].contains(name)).collect();
        assert_eq!(asked.len(), 2);
        for (name, sql) in asked {
            let plan = plan(&connection, sql);
            let by_lane_and_time = "deliveries_due (tenant_id=? AND channel=? AND <expr><?)";
            assert!(
                plan.iter().any(|step| step.ends_with(by_lane_and_time)),
                "{name}: {plan:#?}"
            );
        }
    }

    #[test]
    fn articles_are_searched_in_the_index_of_their_words() {
        let (_folder, connection) = migrated();
        let searches = searches_of_articles();
        assert_eq!(searches.len(), 2);
        for sql in searches {
            let plan = plan(&connection, &sql);
            let by_words = "SCAN article_words VIRTUAL TABLE INDEX";
            assert!(plan.iter().any(|step| step.starts_with(by_words)), "{sql}: {plan:#?}");
            let by_entry = "SEARCH e USING INTEGER PRIMARY KEY";
            assert!(plan.iter().any(|step| step.starts_with(by_entry)), "{sql}: {plan:#?}");
        }
    }
}
