//! How soon customers are to be answered and helped, as admins settle it.

use std::{collections::BTreeMap, ops::RangeInclusive};

use super::Change;
use crate::model::{Input, Priority, SlaSettings, SlaTargets};

/// How long a target may be, in minutes: up to a year's.
const TARGET_MINUTES: RangeInclusive<u32> = 1..=525_600;
const PERCENT: RangeInclusive<u32> = 1..=100;

/// Changes to how soon customers are to be answered. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct SlaChanges {
    /// Other targets, by the name of a [`Priority`]; nothing for no targets.
    pub targets: BTreeMap<String, Option<SlaTargetChanges>>,
    /// How much of a target's time has passed when its agent is warned, in percent.
    pub warn_percent: Option<u32>,
}

/// Changes to the targets of one priority, in minutes of office time. What is not named stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct SlaTargetChanges {
    /// From the first message to the first answer.
    pub first_response_minutes: Change<u32>,
    /// From each later message to its answer.
    pub next_response_minutes: Change<u32>,
    /// From the opening to the solution.
    pub resolution_minutes: Change<u32>,
}

/// Changes that are possible.
#[derive(Debug, Clone)]
pub(super) struct CheckedSla {
    targets: Vec<(Priority, Option<SlaTargetChanges>)>,
    warn_percent: Option<u8>,
}

impl SlaChanges {
    /// What is meant; everything that can't be is refused by its name under `field`.
    pub(super) fn check(&self, input: &mut Input, field: &str) -> CheckedSla {
        let mut targets = Vec::with_capacity(self.targets.len());
        for (name, changes) in &self.targets {
            let field = format!("{field}.targets.{name}");
            if let Some(changes) = changes {
                changes.check(input, &field);
            }
            if let Some(priority) = input.one_of(&field, name) {
                targets.push((priority, *changes));
            }
        }
        if self.warn_percent.is_some_and(|percent| !PERCENT.contains(&percent)) {
            input.refuse(
                &format!("{field}.warn_percent"),
                format!("Must be from {} to {}", PERCENT.start(), PERCENT.end()),
            );
        }
        CheckedSla {
            targets,
            warn_percent: self.warn_percent.and_then(|percent| u8::try_from(percent).ok()),
        }
    }
}

impl SlaTargetChanges {
    fn check(&self, input: &mut Input, field: &str) {
        let Self {
            first_response_minutes,
            next_response_minutes,
            resolution_minutes,
        } = self;
        for (name, minutes) in [
            ("first_response_minutes", first_response_minutes),
            ("next_response_minutes", next_response_minutes),
            ("resolution_minutes", resolution_minutes),
        ] {
            if matches!(minutes, Some(Some(minutes)) if !TARGET_MINUTES.contains(minutes)) {
                input.refuse(
                    &format!("{field}.{name}"),
                    format!("Must be from {} to {}", TARGET_MINUTES.start(), TARGET_MINUTES.end()),
                );
            }
        }
    }

    fn apply(self, targets: &mut SlaTargets) {
        let Self {
            first_response_minutes,
            next_response_minutes,
            resolution_minutes,
        } = self;
        targets.first_response_minutes = first_response_minutes.unwrap_or(targets.first_response_minutes);
        targets.next_response_minutes = next_response_minutes.unwrap_or(targets.next_response_minutes);
        targets.resolution_minutes = resolution_minutes.unwrap_or(targets.resolution_minutes);
    }
}

impl CheckedSla {
    /// Changes settings. A priority without any target is not kept.
    pub(super) fn apply(&self, settings: &mut SlaSettings) {
        settings.warn_percent = self.warn_percent.unwrap_or(settings.warn_percent);
        for (priority, changes) in &self.targets {
            let mut targets = settings.targets.remove(priority).unwrap_or_default();
            match changes {
                Some(changes) => changes.apply(&mut targets),
                None => targets = SlaTargets::default(),
            }
            if targets != SlaTargets::default() {
                settings.targets.insert(*priority, targets);
            }
        }
    }
}
