//! Statistics over a span of days.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::{Desk, DeskError, Scope, lookup::require};
use crate::{
    model::{AgentId, DepartmentId, FigurePlace, FigureScope, Figures, Role, Ticket, Timestamp},
    ports::{FigureGroup, FigureQuery},
};

/// The most days that are looked at by the day.
const MOST_DAYS: u64 = 3_660;
/// How many of the best rated tickets are shown.
const TOP_RATED: u32 = 10;

/// Which tickets statistics are about: those created from one day to another in the tenant's time
/// zone, both included, of one department or agent if asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnalyticsQuery {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Of one department or agent, or of both.
    pub scope: FigureScope,
}

/// Statistics over a span of days.
#[derive(Debug, Clone)]
pub struct Analytics {
    /// The span and scope they are about.
    pub query: AnalyticsQuery,
    /// Over everything in it, with lengths, by day and by department.
    pub volume: Volume,
    /// Each agent who had tickets or answered any, without lengths.
    pub agents: Vec<(AgentId, Figures)>,
    /// The tickets with the best ratings, best and newest first; ten at most.
    pub top_rated: Vec<Ticket>,
}

/// What a span of days comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Over everything in it.
    pub figures: Figures,
    /// Tickets created on each day of the span, days without any included.
    pub daily: Vec<(NaiveDate, i64)>,
    /// Each department that had tickets, without lengths.
    pub departments: Vec<(DepartmentId, Figures)>,
}

impl Desk {
    /// What a span of days comes to in all, without lengths, for callers who compare neither days,
    /// departments nor agents.
    ///
    /// # Errors
    /// As [`analytics`](Self::analytics).
    pub async fn figures(&self, scope: &Scope, query: AnalyticsQuery) -> Result<Figures, DeskError> {
        let mut figures = Figures::default();
        for (_, day) in self
            .figures_by_day(scope, query, FigureGroup::Counted(query.scope))
            .await?
        {
            figures.add(&day);
        }
        Ok(figures)
    }

    async fn figures_by_day(
        &self,
        scope: &Scope,
        query: AnalyticsQuery,
        of: FigureGroup,
    ) -> Result<Vec<(FigurePlace, Figures)>, DeskError> {
        require(scope, Role::Agent)?;
        let AnalyticsQuery { from, to, .. } = query;
        if to < from {
            return Err(DeskError::field("to", "Must not be before `from`"));
        }
        if from.checked_add_days(Days::new(MOST_DAYS)).is_none_or(|last| to > last) {
            return Err(DeskError::field("from", "The span must have at most ten years"));
        }
        let query = FigureQuery { from, to, of };
        Ok(self.stores().figures.figures(scope.tenant(), query).await?)
    }

    /// What a span of days comes to by day and department, without lengths.
    ///
    /// # Errors
    /// As [`analytics`](Self::analytics).
    pub async fn volume(&self, scope: &Scope, query: AnalyticsQuery) -> Result<Volume, DeskError> {
        self.volume_of(scope, query, FigureGroup::Counted(query.scope)).await
    }

    async fn volume_of(&self, scope: &Scope, query: AnalyticsQuery, group: FigureGroup) -> Result<Volume, DeskError> {
        let AnalyticsQuery { from, to, scope: of } = query;
        let mut figures = Figures::default();
        let mut by_day = BTreeMap::new();
        for (place, day) in self.figures_by_day(scope, query, group).await? {
            by_day.insert(place.day, day.counts.tickets);
            figures.add(&day);
        }
        let departments = match of.department {
            Some(department) => vec![(department, without_lengths(&figures))],
            None => {
                let each = FigureGroup::EachDepartment(of.agent);
                let each = self.figures_by_day(scope, query, each).await?;
                added_up(
                    each.into_iter()
                        .filter_map(|(place, day)| Some((place.scope.department?, day))),
                )
            }
        };
        let days = from.iter_days().take_while(|day| *day <= to);
        Ok(Volume {
            daily: days
                .map(|day| (day, by_day.get(&day).copied().unwrap_or_default()))
                .collect(),
            figures,
            departments,
        })
    }

    /// Statistics over a span of days.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::Invalid`] naming `from` or
    /// `to` for a span that ends before it begins or has more than ten years.
    pub async fn analytics(&self, scope: &Scope, query: AnalyticsQuery) -> Result<Analytics, DeskError> {
        let AnalyticsQuery { from, to, scope: of } = query;
        let tenant = scope.tenant();
        let volume = self.volume_of(scope, query, FigureGroup::One(of)).await?;
        let timezone = self.timezone(tenant).await?;
        let after = to.checked_add_days(Days::new(1)).unwrap_or(to);
        let (begin, end) = (
            Timestamp::beginning(from, timezone),
            Timestamp::beginning(after, timezone),
        );
        let agents = match of.agent {
            Some(agent) => vec![(agent, without_lengths(&volume.figures))],
            None => {
                let each = FigureGroup::EachAgent(of.department);
                let each = self.figures_by_day(scope, query, each).await?;
                added_up(
                    each.into_iter()
                        .filter_map(|(place, day)| Some((place.scope.agent?, day))),
                )
            }
        };
        let reads = &self.stores().figures;
        Ok(Analytics {
            query,
            volume,
            agents,
            top_rated: reads.top_rated_tickets(tenant, of, begin, end, TOP_RATED).await?,
        })
    }

    /// Today, where the tenant is.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn today(&self, scope: &Scope) -> Result<NaiveDate, DeskError> {
        Ok(self.now().day(self.timezone(scope.tenant()).await?))
    }

    /// How many tickets were resolved today, whenever they were created, and still are.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents.
    pub async fn resolved_today(&self, scope: &Scope) -> Result<u64, DeskError> {
        require(scope, Role::Agent)?;
        let timezone = self.timezone(scope.tenant()).await?;
        let midnight = Timestamp::beginning(self.now().day(timezone), timezone);
        Ok(self.stores().figures.resolved_since(scope.tenant(), midnight).await?)
    }
}

fn without_lengths(figures: &Figures) -> Figures {
    Figures {
        counts: figures.counts.clone(),
        ..Figures::default()
    }
}

/// Adds up what belongs to the same, in order of ids.
fn added_up<K: Ord>(days: impl Iterator<Item = (K, Figures)>) -> Vec<(K, Figures)> {
    let mut sums = BTreeMap::new();
    for (key, day) in days {
        let sum: &mut Figures = sums.entry(key).or_default();
        sum.add(&day);
    }
    sums.into_iter().collect()
}
