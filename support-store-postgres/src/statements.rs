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

    use sqlx::{AssertSqlSafe, Executor, PgConnection, QueryBuilder, Row, SqlSafeStr};
    use support_core::{
        model::{
            AgentId, ArticleSearch, ArticleWords, CallbackStatus, Channel, CustomerId, DeliveryStatus, DepartmentId,
            InboxId, Requester, Status, TenantId, TicketId, Timestamp, VisitorId, WordQuery,
        },
        ports::{
            AgentFilter, ArticleFilter, AssigneeFilter, CallbackFilter, CustomerFilter, DeliveryFilter, PageRequest,
            RecordOrder, RecordSort, SortOrder, TicketCursor, TicketFilter, TicketPosition, TicketSearch, TicketSort,
            VisibleTo,
        },
    };
    use support_testkit::Postgres;
    use uuid::Uuid;

    use crate::{
        ALL_TENANTS, PostgresConfig, PostgresStore, commit, deliveries, name_tenants, presence, reads, upkeep,
    };

    /// Every statement of the crate that is written down as a constant.
    fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        let files = [
            crate::STATEMENTS,
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
                requester: Some(Requester::Visitor(VisitorId::new(Uuid::nil()))),
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

    /// The statements of a list: its count, its first page, and what follows a place in it.
    fn listed(filter: &TicketFilter) -> [String; 3] {
        let at = |position| reads::Listed {
            tenant: TenantId::new(Uuid::nil()),
            filter,
            position,
            limit: 20,
        };
        let cursor = TicketCursor {
            value: 0,
            id: TicketId::new(Uuid::nil()),
        };
        [
            at(TicketPosition::Page(1)).count().into_string(),
            at(TicketPosition::Page(1)).select().into_string(),
            at(TicketPosition::After(cursor)).select().into_string(),
        ]
    }

    async fn migrated() -> (Postgres, PostgresStore) {
        let server = Postgres::start().await;
        let store = PostgresStore::open(PostgresConfig::new(server.database()))
            .await
            .unwrap();
        (server, store)
    }

    /// Enough rows of twenty tenants for the planner to have a choice to make.
    const FILL: &str = "
        insert into tenants select gen_random_uuid(), 'tenant-' || n, 'Tenant', 'UTC', '{}', true, 1, now(), now()
            from generate_series(1, 20) n;
        insert into tenant_counters select tenant_id, 2500, 500 from tenants;
        insert into inboxes select tenant_id, gen_random_uuid(), 'widget', 'Web', null, '[]', true, 1, now(), now()
            from tenants;
        insert into tickets (tenant_id, id, number, version, inbox_id, channel, source, requester_kind, requester_id,
                subject, priority, tags, status, assignee_id, assigned_at, reopened_count, is_offline, metadata,
                access_hash, session, department_id, created_at, updated_at)
            select i.tenant_id, gen_random_uuid(), n, 1, i.id, 'web', 'web', 'visitor', gen_random_uuid(),
                'Help', n % 4, case when n % 25 = 0 then '[\"vip\"]' else '[\"usual\"]' end::jsonb, (array['open', 'waiting', 'assigned', 'pending', 'resolved', 'closed'])[1 + n % 6],
                ('00000000-0000-0000-0000-0000000000' || 10 + n % 10)::uuid, now(), 0, false, '{}',
                'access' || n, 'session' || n, ('00000000-0000-0000-0000-0000000000' || 10 + n % 7)::uuid,
                now() - n * interval '1 minute', now()
            from inboxes i, generate_series(1, 500) n;
        insert into ticket_threads select tenant_id, id, 5, created_at, created_at, 'Hello', null, created_at, 5, 0, 0, 0
            from tickets;
        insert into messages select tenant_id, id, n, gen_random_uuid(), 'customer', requester_id, 'visitor', 'Mara',
                'text', 'Hello', 'client-' || n, '{}', created_at
            from tickets, generate_series(1, 5) n;
        insert into search_words select tenant_id, ticket_id, seq, seq,
                array_to_tsvector(array['word' || seq, 'word' || seq % 100]) from messages;
        insert into events select tenant_id, (number - 1) * 5 + n, created_at,
                case when n = 1 then 'ticket_opened' else 'message_posted' end,
                '{\"kind\": \"system\"}', 'customer', id, null, null, null, n, '{}'
            from tickets, generate_series(1, 5) n;
        insert into customers select tenant_id, gen_random_uuid(), 'external-' || n, 'Mara', null, null, 1, now(), now()
            from tenants, generate_series(1, 500) n;
        insert into visitors select tenant_id, gen_random_uuid(), 'Mara', null, null, now(), now()
            from tenants, generate_series(1, 500) n;
        insert into agents (tenant_id, id, name, email, role, departments, skills, languages, max_concurrent_tickets,
                availability, is_active, version, created_at, updated_at)
            select tenant_id, gen_random_uuid(), 'Ann ' || n, n || '@example.com', 'agent', '[]', '[]', '[]', 5,
                'available', true, 1, now(), now()
            from tenants, generate_series(1, 300) n;
        insert into accounts select tenant_id, 'agent', id, email, null, now(), 1 from agents;
        insert into presences select tenant_id, id, false, false, now(), null from agents;
        insert into notifications select tenant_id, gen_random_uuid(), 'agent', assignee_id, 'new_message', 'T', 'M', 1,
                id, created_at, null from tickets;
        insert into callbacks (tenant_id, id, contact_number, number_key, employee_id, customer_id, status,
                scheduled_at, due_at, overdue_at, assignee_id, resolved_at, attempts, metadata, version, created_at,
                updated_at)
            select tenant_id, gen_random_uuid(), number, number, 'E' || number % 50, requester_id,
                case when number % 20 = 0 then 'pending' else 'resolved' end,
                case when number % 40 = 0 then created_at end, created_at, created_at,
                case when number % 3 > 0 then assignee_id end,
                case when number % 20 > 0 then created_at end, '[]', '{}', 1, created_at, created_at
            from tickets;
        insert into webhooks select tenant_id, gen_random_uuid(), 'https://example.com', '[\"*\"]', n = 1, '{}', null,
                null, null, null, 0, 1, now(), now()
            from tenants, generate_series(1, 10) n;
        insert into deliveries (tenant_id, id, channel, recipient, ticket_id, callback_id, gather_key, notice, status,
                attempts, next_attempt_at, sent_at, created_at)
            select tenant_id, gen_random_uuid(), (array['email', 'webhook', 'telegram'])[1 + number % 3],
                'a' || number % 50 || '@example.com', case when number % 4 > 0 then id end,
                case when number % 5 = 0 then id end, case when number % 3 = 0 then 'key' || number % 100 end, '{}',
                case when number % 50 = 0 then 'queued' else 'sent' end, 1, created_at,
                case when number % 50 > 0 then created_at end, created_at
            from tickets;
        insert into requests select tenant_id, id::text, 'f', '{}', null, null, created_at from tickets;
        insert into revoked_tokens select tenant_id, id, created_at from tickets;
        insert into login_guards select tenant_id, id::text, 1, created_at, null from tickets;
        insert into files select tenant_id, id, id, '{}', 'a.png', 'png', 1, null, null, 'k',
                case when number % 50 = 0 then 'loose' else 'attached' end, null, false, 1, created_at
            from tickets;
        insert into visitor_contexts select tenant_id, id, '{}' from tickets;
        insert into articles select tenant_id, id, 'article-' || number, 'Title', 'Body', 'Refunds',
                'refunds' || number % 10, '[]', 'en', (array['en', 'de', 'fr'])[1 + number % 3], number % 10 > 0,
                number % 20, 0, 0, 0, 1, created_at, created_at
            from tickets;
        insert into article_words select tenant_id, id, array_to_tsvector(array['word' || number, 'word' || number % 100])
            from tickets;
        insert into article_votes select tenant_id, id, 'voter', true from articles;
        analyze;";

    /// Tables that grow as long as the product is used.
    const GROWING: [&str; 22] = [
        "tickets",
        "ticket_tags",
        "ticket_threads",
        "messages",
        "search_words",
        "events",
        "customers",
        "visitors",
        "agents",
        "accounts",
        "presences",
        "notifications",
        "deliveries",
        "callbacks",
        "requests",
        "revoked_tokens",
        "login_guards",
        "files",
        "articles",
        "article_words",
        "article_votes",
        "visitor_contexts",
    ];

    async fn filled() -> (Postgres, PostgresStore) {
        let (server, store) = migrated().await;
        let mut connection = store.overseer().await.unwrap();
        sqlx::raw_sql(FILL).execute(&mut *connection).await.unwrap();
        (server, store)
    }

    /// How PostgreSQL would run a statement whatever its values, as a plain role under row-level security.
    async fn plan(connection: &mut PgConnection, sql: &str) -> Vec<String> {
        let prepare = format!("set plan_cache_mode = force_generic_plan; prepare planned as {sql}");
        sqlx::raw_sql(AssertSqlSafe(prepare))
            .execute(&mut *connection)
            .await
            .unwrap();
        let values = (1..=64).take_while(|place| sql.contains(&format!("${place}")));
        let values = vec!["null"; values.count()].join(", ");
        let explain = if values.is_empty() {
            "explain execute planned".to_owned()
        } else {
            format!("explain execute planned ({values})")
        };
        let rows = sqlx::raw_sql(AssertSqlSafe(explain))
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        sqlx::raw_sql("deallocate planned")
            .execute(&mut *connection)
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The growing tables that a plan reads from end to end.
    fn scans(plan: &[String]) -> Vec<&String> {
        let is_scan = |step: &&String| {
            let scanned = step
                .split("Seq Scan on ")
                .nth(1)
                .and_then(|rest| rest.split(' ').next());
            scanned.is_some_and(|table| GROWING.contains(&table))
        };
        plan.iter().filter(is_scan).collect()
    }

    /// These count or search a whole tenant, or all of them, by their nature.
    const WHOLE: [&str; 4] = ["COUNT_AGENTS", "COUNT_CUSTOMERS", "TENANTS_ONLINE", "AGENTS"];

    #[tokio::test]
    async fn the_schema_takes_every_statement() {
        let (_server, store) = migrated().await;
        let mut connection = store.overseer().await.unwrap();
        for (name, sql) in all() {
            let prepared = connection.prepare(sql.into_sql_str()).await;
            assert!(prepared.is_ok(), "{name}: {prepared:?}");
        }
        for sql in lists().into_iter().chain(short_lists()) {
            let prepared = connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await;
            assert!(prepared.is_ok(), "{sql}: {prepared:?}");
        }
    }

    #[tokio::test]
    async fn no_statement_goes_through_all_of_a_table_that_grows() {
        let (_server, store) = filled().await;
        let mut connection = store.overseer().await.unwrap();
        let mut broken = Vec::new();
        for (name, sql) in all().filter(|(name, _)| !WHOLE.contains(name)) {
            let plan = plan(&mut connection, sql).await;
            if !scans(&plan).is_empty() {
                broken.push(format!("{name}: {plan:#?}"));
            }
        }
        for sql in lists().into_iter().chain(short_lists()) {
            let plan = plan(&mut connection, &sql).await;
            if !scans(&plan).is_empty() {
                broken.push(format!("{sql}: {plan:#?}"));
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }

    #[tokio::test]
    async fn hot_lists_come_out_of_an_index_in_order() {
        let (_server, store) = filled().await;
        let mut connection = store.overseer().await.unwrap();
        let wanted = [
            "MESSAGES",
            "EVENTS",
            "EVENTS_OF_TICKET",
            "LATEST_TICKET_OF_SESSION",
            "UNASSIGNED_TICKETS",
            "UNASSIGNED_TICKETS_OF_DEPARTMENT",
            "UNASSIGNED_TICKETS_OF_NO_DEPARTMENT",
            "UNFINISHED_TICKETS_OF_AGENT",
            "CALLBACK_BY_NUMBER",
            "UNASSIGNED_CALLBACKS",
            "UNFINISHED_CALLBACKS_OF_AGENT",
            "CALLBACKS_TO_REMIND",
            "CALLBACKS_OVERDUE",
            "TICKETS_TO_ACCEPT",
            "DELIVERIES_WITH_KEY",
            "ARTICLES_WITH_SLUG",
            "DUE",
        ];
        let hot: Vec<_> = all().filter(|(name, _)| wanted.contains(name)).collect();
        assert_eq!(hot.len(), wanted.len());
        for (name, sql) in hot {
            let plan = plan(&mut connection, sql).await;
            assert!(!plan.iter().any(|step| step.contains("Sort")), "{name}: {plan:#?}");
        }
    }

    #[tokio::test]
    async fn the_queue_is_asked_by_lane_and_time() {
        let (_server, store) = filled().await;
        let mut connection = store.overseer().await.unwrap();
        let asked: Vec<_> = all().filter(|(name, _)| ["LANES_DUE", "DUE"].contains(name)).collect();
        assert_eq!(asked.len(), 2);
        for (name, sql) in asked {
            let plan = plan(&mut connection, sql).await;
            let is_by_lane_and_time = |step: &String| {
                let parts = ["Index Cond", "tenant_id =", "channel =", "CASE WHEN", "<= $"];
                parts.iter().all(|part| step.contains(part))
            };
            assert!(plan.iter().any(is_by_lane_and_time), "{name}: {plan:#?}");
            let is_whole = |step: &String| ["Sort", "Hash", "Bitmap"].iter().any(|way| step.contains(way));
            assert!(!plan.iter().any(is_whole), "{name}: {plan:#?}");
        }
    }

    #[tokio::test]
    async fn articles_are_searched_in_the_index_of_their_words() {
        let (_server, store) = filled().await;
        let mut connection = store.overseer().await.unwrap();
        let searches = searches_of_articles();
        assert_eq!(searches.len(), 2);
        for sql in searches {
            let plan = plan(&mut connection, &sql).await;
            let uses = |index: &str| plan.iter().any(|step| step.contains(index));
            assert!(uses("Bitmap Index Scan on article_words_by_term"), "{sql}: {plan:#?}");
            assert!(uses("using articles_pkey on articles a"), "{sql}: {plan:#?}");
        }
    }

    #[tokio::test]
    async fn naming_tenants_lasts_until_others_are_named() {
        let (_server, store) = migrated().await;
        let mut connection = store.overseer().await.unwrap();
        name_tenants(&mut connection, "{}").await.unwrap();
        let seen: String = sqlx::query_scalar("select current_setting('support.tenants')")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(seen, "{}");
        name_tenants(&mut connection, ALL_TENANTS).await.unwrap();
    }
}
