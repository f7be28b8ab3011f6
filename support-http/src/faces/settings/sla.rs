//! How soon customers are to be answered and helped, as settings show and change it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use support_core::{
    desk::{SlaChanges, SlaTargetChanges},
    model::{Priority, SlaSettings, SlaTargets},
};
use utoipa::ToSchema;

use super::input::{Told, maybe};
use crate::extract::Object;

/// How soon customers are to be answered and helped, in minutes of office time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sla)]
pub(crate) struct SlaRow {
    /// By priority; every priority is there.
    #[schema(value_type = BTreeMap<String, SlaTargetsRow>)]
    targets: BTreeMap<Priority, SlaTargetsRow>,
    /// How much of a target's time has passed when its agent is warned.
    warn_percent: u8,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SlaTargets)]
pub(crate) struct SlaTargetsRow {
    /// From the first message to the first answer.
    first_response_minutes: Option<u32>,
    /// From each later message to its answer.
    next_response_minutes: Option<u32>,
    /// From the opening to the solution.
    resolution_minutes: Option<u32>,
}

/// What is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlaInput {
    /// By priority; null for no targets.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, SlaTargetsInput>)]
    targets: BTreeMap<String, Option<Object<SlaTargetsInput>>>,
    /// From 1 to 100.
    warn_percent: Option<u32>,
}

/// From 1 to 525600 minutes each, or null for none; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlaTargetsInput {
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<u32>)]
    first_response_minutes: Told<u32>,
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<u32>)]
    next_response_minutes: Told<u32>,
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<u32>)]
    resolution_minutes: Told<u32>,
}

impl From<&SlaSettings> for SlaRow {
    fn from(settings: &SlaSettings) -> Self {
        let row = |priority: &Priority| {
            let targets = settings.targets.get(priority).copied().unwrap_or_default();
            (*priority, targets.into())
        };
        Self {
            targets: Priority::ALL.iter().map(row).collect(),
            warn_percent: settings.warn_percent,
        }
    }
}

impl From<SlaTargets> for SlaTargetsRow {
    fn from(targets: SlaTargets) -> Self {
        Self {
            first_response_minutes: targets.first_response_minutes,
            next_response_minutes: targets.next_response_minutes,
            resolution_minutes: targets.resolution_minutes,
        }
    }
}

impl From<SlaInput> for SlaChanges {
    fn from(sla: SlaInput) -> Self {
        let changes = |Object(targets): Object<SlaTargetsInput>| SlaTargetChanges {
            first_response_minutes: targets.first_response_minutes,
            next_response_minutes: targets.next_response_minutes,
            resolution_minutes: targets.resolution_minutes,
        };
        let targets = sla.targets.into_iter();
        Self {
            targets: targets
                .map(|(priority, targets)| (priority, targets.map(changes)))
                .collect(),
            warn_percent: sla.warn_percent,
        }
    }
}
