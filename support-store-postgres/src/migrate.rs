//! The schema, and the steps that lead to it.

use std::borrow::Cow;

use sqlx::{
    PgConnection, SqlSafeStr,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};
use support_core::ports::StoreError;

use crate::error::store_error;

/// Brings the schema up to date. An advisory lock makes several nodes that start at once do so one after another.
pub(crate) async fn run(connection: &mut PgConnection) -> Result<(), StoreError> {
    migrator()
        .run_direct(None, connection, false)
        .await
        .map_err(migration_error)
}

/// The steps, under a name that a host's own migrations in the same database don't use.
fn migrator() -> Migrator {
    let mut migrator = Migrator::with_migrations(migrations());
    migrator.dangerous_set_table_name("_support_migrations");
    migrator
}

fn migrations() -> Vec<Migration> {
    vec![
        step(1, "spine", include_str!("../migrations/0001_spine.sql")),
        step(
            2,
            "row_level_security",
            include_str!("../migrations/0002_row_level_security.sql"),
        ),
        step(
            3,
            "unassigned_by_department",
            include_str!("../migrations/0003_unassigned_by_department.sql"),
        ),
        step(4, "owed", include_str!("../migrations/0004_owed.sql")),
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

fn step(version: i64, description: &'static str, sql: &'static str) -> Migration {
    let description = Cow::Borrowed(description);
    Migration::new(version, description, MigrationType::Simple, sql.into_sql_str(), false)
}

fn migration_error(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => store_error(error),
        other => StoreError::Failed(other.to_string()),
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
            (name, step.sql.as_str().to_owned())
        });
        assert_eq!(files, steps.collect());
    }
}
