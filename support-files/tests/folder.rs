//! The published suite over a folder of this machine, and what is left in it.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use support_core::ports::FileStore;
use support_files::ObjectFiles;
use support_testkit::eventually;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(10);

async fn folder() -> (ObjectFiles, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (ObjectFiles::in_folder(folder.path().join("files")).unwrap(), folder)
}

async fn shared() -> (Arc<dyn FileStore>, TempDir) {
    let (files, folder) = folder().await;
    (Arc::new(files), folder)
}

mod bare {
    support_conformance::file_store_conformance!(guarded super::folder);
}

mod behind_a_pointer {
    support_conformance::file_store_conformance!(guarded super::shared);
}

/// The names of all files below a folder.
fn kept(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: std::path::PathBuf| {
        if path.is_dir() {
            kept(&path)
        } else {
            vec![path.file_name().unwrap().to_string_lossy().into_owned()]
        }
    };
    entries.flat_map(below).collect()
}

#[tokio::test]
async fn what_did_not_come_in_whole_leaves_nothing_on_disk() {
    let (files, folder) = folder().await;
    let half = vec![7; 3_000_000];
    let mut writer = files.create("tenant/a").await.unwrap();
    writer.write(half.clone()).await.unwrap();
    writer.abort().await;
    let mut writer = files.create("tenant/b").await.unwrap();
    writer.write(half).await.unwrap();
    drop(writer);
    eventually(SOON, async || kept(folder.path()).is_empty().then_some(())).await;
}

#[tokio::test]
async fn what_a_killed_process_left_of_a_file_is_removed_with_it() {
    let (files, folder) = folder().await;
    let tenant = folder.path().join("files/tenant");
    std::fs::create_dir(&tenant).unwrap();
    tokio::fs::write(tenant.join("a#1"), "half of it").await.unwrap();
    files.delete("tenant/a").await.unwrap();
    assert!(kept(folder.path()).is_empty());
}

#[tokio::test]
async fn the_folder_is_its_owners_alone() {
    let (_files, folder) = folder().await;
    let mode = std::fs::metadata(folder.path().join("files"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(
        ObjectFiles::in_folder(folder.path().join("files")).is_ok(),
        "it is there already"
    );
    tokio::fs::write(folder.path().join("file"), "no folder").await.unwrap();
    assert!(ObjectFiles::in_folder(folder.path().join("file")).is_err());
}
