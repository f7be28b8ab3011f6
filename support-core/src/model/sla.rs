//! The clocks behind what a tenant promises about time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Calendar, Calendars, DepartmentId, Priority, Promise, SlaSettings, Timestamp};

/// By what a tenant measures its work: its time zone and office hours, those of its departments,
/// and what it promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The tenant's days and hours, and those of departments that have their own.
    pub calendars: Calendars,
    /// What is promised.
    pub sla: SlaSettings,
}

impl Default for Terms {
    /// The days of UTC, no office hours, and no promises.
    fn default() -> Self {
        Self {
            calendars: Calendar::new(chrono_tz::UTC, None).into(),
            sla: SlaSettings::default(),
        }
    }
}

impl Terms {
    /// How much office time is promised, if anything is.
    #[must_use]
    pub fn target(&self, promise: Promise, priority: Priority) -> Option<Duration> {
        let targets = self.sla.targets.get(&priority)?;
        let minutes = match promise {
            Promise::FirstResponse => targets.first_response_minutes,
            Promise::NextResponse => targets.next_response_minutes,
            Promise::Resolution => targets.resolution_minutes,
        };
        minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
    }
}

/// What somebody is to be told of a promise, and of which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Alarm {
    /// The promise.
    pub promise: Promise,
    /// Whether it is broken; else it soon will be.
    pub is_breach: bool,
}

/// One run of the time that is promised. It stands still while a ticket is pending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SlaClock {
    promise: Promise,
    /// Since when it runs; none while it stands still.
    running_since: Option<Timestamp>,
    /// Milliseconds of office time that had passed by then.
    spent: u64,
    warn_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    is_warned: bool,
    pub(super) is_breached: bool,
}

impl SlaClock {
    /// Starts at `at`, under the terms for a ticket of this urgency and department.
    pub(super) fn start(promise: Promise, at: Timestamp, measured: Measured<'_>) -> Self {
        let mut clock = Self {
            promise,
            running_since: Some(at),
            spent: 0,
            warn_at: None,
            due_at: None,
            is_warned: false,
            is_breached: false,
        };
        clock.aim(measured);
        clock
    }

    /// Computes anew when it rings: something changed that the target depends on.
    pub(super) fn aim(&mut self, measured: Measured<'_>) {
        (self.warn_at, self.due_at) = (None, None);
        let (Some(since), Some(target)) = (self.running_since, measured.target(self.promise)) else {
            return;
        };
        let spent = Duration::from_millis(self.spent);
        let after = |time: Duration| measured.calendar().after(since, time.saturating_sub(spent));
        let warning = target * u32::from(measured.terms.sla.warn_percent) / 100;
        self.warn_at = (warning < target).then(|| after(warning)).flatten();
        self.due_at = after(target);
    }

    /// Stands still from `at` on.
    pub(super) fn pause(&mut self, at: Timestamp, measured: Measured<'_>) {
        if let Some(since) = self.running_since.take() {
            self.is_breached |= self.due_at.is_some_and(|due| at > due);
            let passed = measured.calendar().open_between(since, at);
            self.spent += u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
            self.aim(measured);
        }
    }

    /// Runs on from `at`.
    pub(super) fn resume(&mut self, at: Timestamp, measured: Measured<'_>) {
        if self.running_since.is_none() {
            self.running_since = Some(at);
            self.aim(measured);
        }
    }

    /// Whether the promise was kept by `at`; nothing when nothing was promised.
    pub(super) fn is_kept_by(&self, at: Timestamp) -> Option<bool> {
        if self.is_breached {
            return Some(false);
        }
        self.due_at.map(|due| at <= due)
    }

    /// Whether the promise was kept by when the clock was stopped, in a target of `target`.
    pub(super) fn is_kept_within(&self, target: Option<Duration>) -> Option<bool> {
        if self.is_breached {
            return Some(false);
        }
        target.map(|target| Duration::from_millis(self.spent) <= target)
    }

    /// When somebody has to be told something next.
    pub(super) fn rings_at(&self) -> Option<Timestamp> {
        if self.is_breached {
            return None;
        }
        let warning = self.warn_at.filter(|_| !self.is_warned);
        warning.or(self.due_at)
    }

    /// What is to be told by `now`, if anything.
    pub(super) fn alarm(&self, now: Timestamp) -> Option<Alarm> {
        let rings = self.rings_at().is_some_and(|at| at <= now);
        rings.then(|| Alarm {
            promise: self.promise,
            is_breach: self.due_at.is_some_and(|due| due <= now),
        })
    }

    /// It was told.
    pub(super) fn note(&mut self, alarm: Alarm) {
        if alarm.promise == self.promise {
            self.is_warned = true;
            self.is_breached |= alarm.is_breach;
        }
    }
}

/// A ticket as its clocks see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured<'a> {
    pub(super) terms: &'a Terms,
    pub(super) department: Option<DepartmentId>,
    pub(super) priority: Priority,
}

impl Measured<'_> {
    pub(super) fn calendar(&self) -> &Calendar {
        self.terms.calendars.of(self.department)
    }

    pub(super) fn target(&self, promise: Promise) -> Option<Duration> {
        self.terms.target(promise, self.priority)
    }
}
