//! The schema, and the steps that lead to it.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use sha2::{Digest, Sha256};
use support_core::ports::StoreError;

use crate::error::Failure;

/// The table has a name that a host's own migrations in the same file don't use.
const MAKE_TABLE: &str = "create table if not exists _support_migrations (
        version integer primary key,
        description text not null,
        checksum blob not null,
        applied_at integer not null
    ) strict";

const APPLIED: &str = "select version, checksum from _support_migrations order by version";

const NOTE_STEP: &str = "insert into _support_migrations (version, description, checksum, applied_at)
    values (?1, ?2, ?3, cast(unixepoch('subsec') * 1000 as integer))";

/// A change of the schema. Once released it never changes again.
struct Step {
    version: i64,
    description: &'static str,
    sql: &'static str,
}

/// Brings the schema up to date, each step in a transaction of its own that first looks what is
/// done: of several processes which start at once, one takes a step and the others find it taken.
pub(crate) fn run(connection: &mut Connection) -> Result<(), Failure> {
    let steps = migrations();
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(MAKE_TABLE)?;
        let applied = applied(&transaction)?;
        check(&steps, &applied)?;
        let is_open = |step: &&Step| !applied.iter().any(|(version, _)| *version == step.version);
        let open = steps.iter().find(is_open);
        if let Some(step) = open {
            take(&transaction, step)?;
        }
        transaction.commit()?;
        if open.is_none() {
            return Ok(());
        }
    }
}

fn applied(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    let mut statement = transaction.prepare(APPLIED)?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Whether the file was made by these steps and none that this version doesn't know.
fn check(steps: &[Step], applied: &[(i64, Vec<u8>)]) -> Result<(), StoreError> {
    for (version, checksum) in applied {
        let Some(step) = steps.iter().find(|step| step.version == *version) else {
            let problem = format!("the schema has step {version}, which this version does not know");
            return Err(StoreError::Failed(problem));
        };
        if step.checksum() != *checksum {
            let problem = format!("step {version} of the schema is not the one that was applied");
            return Err(StoreError::Failed(problem));
        }
    }
    Ok(())
}

fn take(transaction: &Transaction<'_>, step: &Step) -> rusqlite::Result<()> {
    transaction.execute_batch(step.sql)?;
    let row = (step.version, step.description, step.checksum());
    transaction.execute(NOTE_STEP, row)?;
    Ok(())
}

impl Step {
    fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.sql).to_vec()
    }
}

fn migrations() -> Vec<Step> {
    vec![
        step(1, "spine", include_str!("../migrations/0001_spine.sql")),
        step(2, "owed", include_str!("../migrations/0002_owed.sql")),
        step(
            3,
            "unassigned_by_department",
            include_str!("../migrations/0003_unassigned_by_department.sql"),
        ),
        step(11, "search", include_str!("../migrations/0011_search.sql")),
        step(10, "figures", include_str!("../migrations/0010_figures.sql")),
        step(12, "assignment", include_str!("../migrations/0012_assignment.sql")),
        step(13, "responder", include_str!("../migrations/0013_responder.sql")),
        step(
            14,
            "canned_responses",
            include_str!("../migrations/0014_canned_responses.sql"),
        ),
        step(15, "office_hours", include_str!("../migrations/0015_office_hours.sql")),
        step(17, "portal", include_str!("../migrations/0017_portal.sql")),
        step(18, "files", include_str!("../migrations/0018_files.sql")),
        step(20, "lists", include_str!("../migrations/0020_lists.sql")),
        step(
            19,
            "callbacks_due",
            include_str!("../migrations/0019_callbacks_due.sql"),
        ),
        step(
            21,
            "records_sorted",
            include_str!("../migrations/0021_records_sorted.sql"),
        ),
        step(23, "privacy", include_str!("../migrations/0023_privacy.sql")),
        step(
            16,
            "knowledge_base",
            include_str!("../migrations/0016_knowledge_base.sql"),
        ),
        step(
            22,
            "files_thumbnails",
            include_str!("../migrations/0022_files_thumbnails.sql"),
        ),
        step(25, "identity", include_str!("../migrations/0025_identity.sql")),
        step(
            26,
            "visitor_context",
            include_str!("../migrations/0026_visitor_context.sql"),
        ),
    ]
}

fn step(version: i64, description: &'static str, sql: &'static str) -> Step {
    Step {
        version,
        description,
        sql,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::{collections::BTreeSet, path::Path};

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may read its sources")]
    fn every_file_of_the_folder_is_a_step() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let files: BTreeSet<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                (
                    path.file_name().unwrap().to_str().unwrap().to_owned(),
                    std::fs::read_to_string(&path).unwrap(),
                )
            })
            .collect();
        let steps = migrations().into_iter().map(|step| {
            let name = format!("{:04}_{}.sql", step.version, step.description);
            (name, step.sql.to_owned())
        });
        assert_eq!(files, steps.collect());
    }
}
