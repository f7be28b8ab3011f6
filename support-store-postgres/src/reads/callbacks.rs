//! Callbacks.

use async_trait::async_trait;
use sqlx::{Postgres, QueryBuilder, Row, postgres::PgRow};
use support_core::{
    model::{
        AgentId, Callback, CallbackCounts, CallbackId, CallbackStatus, MOST_EMPLOYEE_IDS, PendingCallbacks,
        QuarterHour, TenantId, Timestamp, callback_ages,
    },
    ports::{CallbackFilter, CallbackReads, OverdueCallback, Page, PageRequest, StoreError},
};
use uuid::Uuid;

use super::offset;
use crate::{
    PostgresStore,
    error::store_error,
    rows::{CallbackRow, Time, count, parsed, stored_time, time},
    statements::statements,
};

macro_rules! callbacks {
    () => {
        "select tenant_id, id, contact_number, e164, number_key, employee_id, customer_id, ticket_id, status,
            scheduled_at, due_at, assignee_id, notes, contacted_at, contacted_by, resolved_at, attempts, reminded_at,
            escalated_at, metadata, version, created_at, updated_at, overdue_at
        from callbacks where tenant_id = "
    };
}

pub(super) use callbacks;

statements! {
    CALLBACK = concat!(callbacks!(), "$1 and id = $2");
    CALLBACK_BY_NUMBER = concat!(
        callbacks!(),
        "$1 and number_key = $2 and created_at >= $3 order by created_at desc, id desc limit 1"
    );
    UNASSIGNED_CALLBACKS = concat!(
        callbacks!(),
        "$1 and status = 'pending' and assignee_id is null and due_at <= $2 order by due_at, id limit $3"
    );
    UNFINISHED_CALLBACKS_OF_AGENT = concat!(
        callbacks!(),
        "$1 and assignee_id = $2 and status in ('pending', 'contacted') order by created_at, id limit $3"
    );
    CALLBACKS_BY_STATUS = "select status as name, count(*) as items from callbacks
        where tenant_id = $1 and created_at >= $2 and created_at < $3 group by status order by status";
    CALLBACKS_BY_QUARTER_HOUR = "select at, sum(requests)::bigint as requests, sum(resolved)::bigint as resolved from (
            select date_bin('15 minutes', created_at, 'epoch') as at, count(*) as requests, 0 as resolved from callbacks
                where tenant_id = $1 and created_at >= $2 and created_at < $3 group by 1
            union all
            select date_bin('15 minutes', resolved_at, 'epoch') as at, 0 as requests, count(*) as resolved from callbacks
                where tenant_id = $1 and resolved_at >= $2 and resolved_at < $3 group by 1) counted
        group by at order by at";
    CALLBACKS_CONTACTED = "select coalesce(sum(greatest(extract(epoch from contacted_at - created_at) * 1000, 0)), 0)::bigint as millis,
            count(*) as items
        from callbacks
        where tenant_id = $1 and created_at >= $2 and created_at < $3 and contacted_at is not null";
    TOP_EMPLOYEE_IDS = "select employee_id as name, count(*) as items from callbacks
        where tenant_id = $1 and created_at >= $2 and created_at < $3 and employee_id is not null
        group by employee_id order by items desc, employee_id collate \"C\" limit $4";
    PENDING_CALLBACKS = "select count(*) filter (where due_at > $2) as under_an_hour,
            count(*) filter (where due_at <= $2 and due_at > $3) as under_four,
            count(*) filter (where due_at <= $3 and due_at > $4) as under_a_day,
            count(*) filter (where due_at <= $4) as longer,
            count(*) filter (where overdue_at <= $5) as overdue
        from callbacks where tenant_id = $1 and status = 'pending'";
    /// Over all tenants.
    CALLBACKS_TO_REMIND = "select tenant_id, id from callbacks
        where status in ('pending', 'contacted') and assignee_id is not null and reminded_at is null
            and scheduled_at <= $1
        order by scheduled_at, tenant_id, id limit $2";
    /// Over all tenants.
    CALLBACKS_OVERDUE = "select overdue_at, tenant_id, id from callbacks
        where status = 'pending' and escalated_at is null and overdue_at <= $1
            and (overdue_at, tenant_id, id) > (coalesce($2, '-infinity'::timestamptz),
                coalesce($3, '00000000-0000-0000-0000-000000000000'::uuid),
                coalesce($4, '00000000-0000-0000-0000-000000000000'::uuid))
        order by overdue_at, tenant_id, id limit $5";
}

const CALLBACKS: &str = callbacks!();

const COUNT_CALLBACKS: &str = "select count(*) from callbacks where tenant_id = ";

/// How many of a kind there are.
#[derive(Debug)]
struct TallyRow {
    name: String,
    items: i64,
}

impl sqlx::FromRow<'_, PgRow> for TallyRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: row.try_get("name")?,
            items: row.try_get("items")?,
        })
    }
}

/// What came in, and was resolved, in a quarter of an hour.
#[derive(Debug)]
struct QuarterHourRow {
    at: Time,
    requests: i64,
    resolved: i64,
}

impl sqlx::FromRow<'_, PgRow> for QuarterHourRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            at: row.try_get("at")?,
            requests: row.try_get("requests")?,
            resolved: row.try_get("resolved")?,
        })
    }
}

impl QuarterHourRow {
    fn into_quarter_hour(self) -> Result<QuarterHour, StoreError> {
        Ok(QuarterHour {
            at: time(self.at),
            requests: count("callbacks", self.requests)?,
            resolved: count("callbacks", self.resolved)?,
        })
    }
}

/// How long it took to reach people.
#[derive(Debug)]
struct ContactedRow {
    millis: i64,
    items: i64,
}

impl sqlx::FromRow<'_, PgRow> for ContactedRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            millis: row.try_get("millis")?,
            items: row.try_get("items")?,
        })
    }
}

/// How many wait how long, and how many of them for too long.
#[derive(Debug)]
struct PendingRow {
    under_an_hour: i64,
    under_four: i64,
    under_a_day: i64,
    longer: i64,
    overdue: i64,
}

impl sqlx::FromRow<'_, PgRow> for PendingRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            under_an_hour: row.try_get("under_an_hour")?,
            under_four: row.try_get("under_four")?,
            under_a_day: row.try_get("under_a_day")?,
            longer: row.try_get("longer")?,
            overdue: row.try_get("overdue")?,
        })
    }
}

impl PendingRow {
    fn into_pending(self) -> Result<PendingCallbacks, StoreError> {
        Ok(PendingCallbacks {
            by_age: [
                count("callbacks", self.under_an_hour)?,
                count("callbacks", self.under_four)?,
                count("callbacks", self.under_a_day)?,
                count("callbacks", self.longer)?,
            ],
            overdue: count("callbacks", self.overdue)?,
        })
    }
}

#[async_trait]
impl CallbackReads for PostgresStore {
    async fn callback(&self, tenant: TenantId, callback: CallbackId) -> Result<Option<Callback>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CallbackRow>(CALLBACK);
        let query = query.bind(tenant.uuid()).bind(callback.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(CallbackRow::into_callback).transpose()
    }

    async fn callback_by_number(
        &self,
        tenant: TenantId,
        number: &str,
        since: Timestamp,
    ) -> Result<Option<Callback>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CallbackRow>(CALLBACK_BY_NUMBER);
        let query = query.bind(tenant.uuid()).bind(number).bind(stored_time(since));
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(CallbackRow::into_callback).transpose()
    }

    async fn callbacks(
        &self,
        tenant: TenantId,
        filter: &CallbackFilter,
        page: PageRequest,
    ) -> Result<Page<Callback>, StoreError> {
        let listed = ListedCallbacks { tenant, filter, page };
        let mut reader = self.reader(tenant).await?;
        let mut query = listed.count();
        let query = query.build_query_scalar();
        let total = query.fetch_one(&mut *reader).await.map_err(store_error)?;
        let mut query = listed.select();
        let query = query.build_query_as::<CallbackRow>();
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(Page {
            items: rows
                .into_iter()
                .map(CallbackRow::into_callback)
                .collect::<Result<_, _>>()?,
            total: count("callbacks", total)?,
            is_total_exact: true,
        })
    }

    async fn unassigned_callbacks(
        &self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CallbackRow>(UNASSIGNED_CALLBACKS);
        let query = query
            .bind(tenant.uuid())
            .bind(stored_time(before))
            .bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(CallbackRow::into_callback).collect()
    }

    async fn unfinished_callbacks_of_agent(
        &self,
        tenant: TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CallbackRow>(UNFINISHED_CALLBACKS_OF_AGENT);
        let query = query.bind(tenant.uuid()).bind(agent.uuid()).bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(CallbackRow::into_callback).collect()
    }

    async fn callback_counts(
        &self,
        tenant: TenantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<CallbackCounts, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let (from, to) = (stored_time(from), stored_time(to));
        let query = sqlx::query_as::<_, TallyRow>(CALLBACKS_BY_STATUS);
        let query = query.bind(tenant.uuid()).bind(from).bind(to);
        let by_status = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let query = sqlx::query_as::<_, QuarterHourRow>(CALLBACKS_BY_QUARTER_HOUR);
        let query = query.bind(tenant.uuid()).bind(from).bind(to);
        let by_quarter_hour = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let query = sqlx::query_as::<_, ContactedRow>(CALLBACKS_CONTACTED);
        let query = query.bind(tenant.uuid()).bind(from).bind(to);
        let contacted = query.fetch_one(&mut *reader).await.map_err(store_error)?;
        let query = sqlx::query_as::<_, TallyRow>(TOP_EMPLOYEE_IDS);
        let query = query
            .bind(tenant.uuid())
            .bind(from)
            .bind(to)
            .bind(i64::from(MOST_EMPLOYEE_IDS));
        let employees = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        counts(by_status, by_quarter_hour, &contacted, employees)
    }

    async fn pending_callbacks(&self, tenant: TenantId, now: Timestamp) -> Result<PendingCallbacks, StoreError> {
        let [hour, four, day] = callback_ages(now).map(stored_time);
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, PendingRow>(PENDING_CALLBACKS);
        let query = query
            .bind(tenant.uuid())
            .bind(hour)
            .bind(four)
            .bind(day)
            .bind(stored_time(now));
        let pending = query.fetch_one(&mut *reader).await.map_err(store_error)?;
        pending.into_pending()
    }

    async fn callbacks_to_remind(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, CallbackId)>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query_as(CALLBACKS_TO_REMIND);
        let query = query.bind(stored_time(before)).bind(i64::from(limit));
        let found = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(found.into_iter().map(callback_of).collect())
    }

    async fn callbacks_overdue(
        &self,
        now: Timestamp,
        after: Option<OverdueCallback>,
        limit: u32,
    ) -> Result<Vec<OverdueCallback>, StoreError> {
        let place = after.map(|after| (stored_time(after.at), after.tenant.uuid(), after.callback.uuid()));
        let (at, tenant, callback) = (
            place.map(|place| place.0),
            place.map(|place| place.1),
            place.map(|place| place.2),
        );
        let mut reader = self.overseer().await?;
        let query = sqlx::query_as::<_, (Time, Uuid, Uuid)>(CALLBACKS_OVERDUE);
        let query = query.bind(stored_time(now)).bind(at).bind(tenant).bind(callback);
        let found = query
            .bind(i64::from(limit))
            .fetch_all(&mut *reader)
            .await
            .map_err(store_error)?;
        Ok(found.into_iter().map(overdue_of).collect())
    }
}

fn overdue_of((at, tenant, callback): (Time, Uuid, Uuid)) -> OverdueCallback {
    OverdueCallback {
        at: time(at),
        tenant: tenant.into(),
        callback: callback.into(),
    }
}

fn callback_of((tenant, callback): (Uuid, Uuid)) -> (TenantId, CallbackId) {
    (tenant.into(), callback.into())
}

fn counts(
    by_status: Vec<TallyRow>,
    by_quarter_hour: Vec<QuarterHourRow>,
    contacted: &ContactedRow,
    employees: Vec<TallyRow>,
) -> Result<CallbackCounts, StoreError> {
    let by_status = by_status.into_iter().map(|TallyRow { name, items }| {
        let status: CallbackStatus = parsed("callbacks", &name)?;
        Ok((status, count("callbacks", items)?))
    });
    let mut by_status: Vec<_> = by_status.collect::<Result<_, StoreError>>()?;
    by_status.sort_unstable_by_key(|(status, _)| *status);
    let employees = employees
        .into_iter()
        .map(|TallyRow { name, items }| Ok((name, count("callbacks", items)?)));
    Ok(CallbackCounts {
        by_status,
        by_quarter_hour: by_quarter_hour
            .into_iter()
            .map(QuarterHourRow::into_quarter_hour)
            .collect::<Result<_, _>>()?,
        millis_to_contact: count("callbacks", contacted.millis)?,
        contacted: count("callbacks", contacted.items)?,
        top_employee_ids: employees.collect::<Result<_, StoreError>>()?,
    })
}

/// A list of callbacks as statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedCallbacks<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) filter: &'a CallbackFilter,
    pub(crate) page: PageRequest,
}

impl ListedCallbacks<'_> {
    /// How many callbacks the whole list has.
    pub(crate) fn count(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(COUNT_CALLBACKS);
        self.narrow(&mut query);
        query
    }

    /// The asked page of the list.
    pub(crate) fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(CALLBACKS);
        self.narrow(&mut query);
        query.push(" order by created_at desc, id desc limit ");
        query.push_bind(i64::from(self.page.limit));
        query.push(" offset ").push_bind(offset(self.page));
        query
    }

    /// Whose they are, and what the filter asks of each.
    fn narrow(&self, query: &mut QueryBuilder<Postgres>) {
        let CallbackFilter {
            status,
            assigned_to,
            customer,
            from,
            to,
        } = self.filter;
        query.push_bind(self.tenant.uuid());
        if let Some(status) = status {
            query.push(" and status = ").push_bind(status.as_str());
        }
        if let Some(agent) = assigned_to {
            query.push(" and assignee_id = ").push_bind(agent.uuid());
        }
        if let Some(customer) = customer {
            query.push(" and customer_id = ").push_bind(customer.uuid());
        }
        if let Some(from) = from {
            query.push(" and created_at >= ").push_bind(stored_time(*from));
        }
        if let Some(to) = to {
            query.push(" and created_at < ").push_bind(stored_time(*to));
        }
    }
}
