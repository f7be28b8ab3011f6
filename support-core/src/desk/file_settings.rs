//! What may be sent in, as admins settle it.

use std::ops::RangeInclusive;

use super::Change;
use crate::model::{FileKind, FileSettings, Input};

/// How large a tenant may let files be, in bytes: from nothing worth the name to 100 MiB.
const FILE_SIZES: RangeInclusive<u64> = 1_024..=100 * 1024 * 1024;

/// Changes to what may be sent in; nothing for what the installation says. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct FileChanges {
    /// The largest file of a widget's visitor, in bytes.
    pub largest_in_widget: Change<u64>,
    /// The largest file of anybody else, in bytes.
    pub largest: Change<u64>,
    /// The kinds that are accepted, by whatever [people call them](FileKind::meant_by).
    pub kinds: Change<Vec<String>>,
}

/// Changes that are possible.
#[derive(Debug, Clone)]
pub(super) struct CheckedFiles {
    largest_in_widget: Change<u64>,
    largest: Change<u64>,
    kinds: Change<Vec<FileKind>>,
}

impl FileChanges {
    /// What is meant; everything that can't be is refused by its name under `field`.
    pub(super) fn check(&self, input: &mut Input, field: &str) -> CheckedFiles {
        let Self {
            largest_in_widget,
            largest,
            kinds,
        } = self;
        for (name, size) in [("largest_in_widget", largest_in_widget), ("largest", largest)] {
            if matches!(size, Some(Some(size)) if !FILE_SIZES.contains(size)) {
                input.refuse(
                    &format!("{field}.{name}"),
                    format!("Must be from {} to {} bytes", FILE_SIZES.start(), FILE_SIZES.end()),
                );
            }
        }
        let kinds = kinds.as_ref();
        CheckedFiles {
            largest_in_widget: *largest_in_widget,
            largest: *largest,
            kinds: kinds.map(|kinds| {
                kinds
                    .as_deref()
                    .map(|kinds| check_kinds(input, &format!("{field}.kinds"), kinds))
            }),
        }
    }
}

/// Each kind once, in the order of [`FileKind::ALL`].
fn check_kinds(input: &mut Input, field: &str, names: &[String]) -> Vec<FileKind> {
    if names.is_empty() {
        input.refuse(field, "Must name at least one kind");
    }
    let mut kinds = Vec::new();
    for name in names {
        match FileKind::meant_by(name) {
            Some(kind) => kinds.push(kind),
            None => {
                let known: Vec<_> = FileKind::ALL.iter().map(|kind| kind.as_str()).collect();
                input.refuse(field, format!("`{name}` is not one of: {}", known.join(" ")));
            }
        }
    }
    FileKind::ALL
        .iter()
        .copied()
        .filter(|kind| kinds.contains(kind))
        .collect()
}

impl CheckedFiles {
    pub(super) fn apply(&self, settings: &mut FileSettings) {
        settings.largest_in_widget = self.largest_in_widget.unwrap_or(settings.largest_in_widget);
        settings.largest = self.largest.unwrap_or(settings.largest);
        if let Some(kinds) = &self.kinds {
            settings.kinds.clone_from(kinds);
        }
    }
}
