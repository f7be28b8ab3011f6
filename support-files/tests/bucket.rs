//! The published suite over a bucket that checks every signature, and what is left in it.

#![cfg(feature = "s3")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use support_core::ports::{FileStore, FileStoreError};
use support_files::{Bucket, ObjectFiles};
use support_peers::S3Server;
use support_testkit::eventually;

const SOON: Duration = Duration::from_secs(10);

fn bucket(server: &S3Server) -> Bucket {
    Bucket {
        name: server.bucket().to_owned(),
        prefix: "all/files".to_owned(),
        access_key_id: Some(server.access_key_id().to_owned()),
        secret_access_key: Some(server.secret_access_key().to_owned()),
        region: None,
        endpoint: Some(server.endpoint()),
    }
}

async fn in_bucket() -> (ObjectFiles, S3Server) {
    let server = S3Server::start().await;
    (ObjectFiles::in_bucket(bucket(&server)).unwrap(), server)
}

support_conformance::file_store_conformance!(guarded in_bucket);

#[tokio::test]
async fn keys_begin_with_the_prefix() {
    let (files, server) = in_bucket().await;
    let mut writer = files.create("tenant/a").await.unwrap();
    writer.write(b"whole".to_vec()).await.unwrap();
    writer.finish().await.unwrap();
    assert_eq!(server.objects(), ["all/files/tenant/a"]);
    files.delete("tenant/a").await.unwrap();
    assert!(server.objects().is_empty());
}

#[tokio::test]
async fn parts_of_what_did_not_come_in_whole_are_removed() {
    let (files, server) = in_bucket().await;
    let two_parts = vec![7; 11 * 1024 * 1024];
    let mut writer = files.create("tenant/given-up").await.unwrap();
    writer.write(two_parts.clone()).await.unwrap();
    assert!(server.parts() > 0, "parts went out before the end");
    writer.abort().await;
    assert_eq!((server.parts(), server.objects()), (0, Vec::new()));
    let mut writer = files.create("tenant/forgotten").await.unwrap();
    writer.write(two_parts).await.unwrap();
    assert!(server.parts() > 0);
    drop(writer);
    eventually(SOON, async || (server.parts() == 0).then_some(())).await;
    assert!(server.objects().is_empty());
}

#[tokio::test]
async fn whoever_does_not_know_the_secret_gets_and_puts_nothing() {
    let (files, server) = in_bucket().await;
    let mut writer = files.create("tenant/a").await.unwrap();
    writer.write(b"whole".to_vec()).await.unwrap();
    writer.finish().await.unwrap();
    let stranger = Bucket {
        secret_access_key: Some("a guess".to_owned()),
        ..bucket(&server)
    };
    let unknown = Bucket {
        access_key_id: Some("AKIANOBODY".to_owned()),
        ..bucket(&server)
    };
    for guess in [stranger, unknown] {
        let guess = ObjectFiles::in_bucket(guess).unwrap();
        let refused = guess.open("tenant/a", 0..5).await.map(drop).unwrap_err();
        assert!(matches!(refused, FileStoreError::Failed(_)), "{refused:?}");
        assert!(guess.delete("tenant/a").await.is_err());
        let mut writer = guess.create("tenant/b").await.unwrap();
        writer.write(b"mine".to_vec()).await.unwrap();
        assert!(writer.finish().await.is_err());
        let mut large = guess.create("tenant/c").await.unwrap();
        assert!(large.write(vec![7; 6 * 1024 * 1024]).await.is_err());
        large.abort().await;
    }
    assert_eq!(
        (server.objects(), server.parts()),
        (vec!["all/files/tenant/a".to_owned()], 0)
    );
}

#[tokio::test]
async fn a_bucket_that_cannot_be_reached_is_unavailable_for_the_moment() {
    let (files, server) = in_bucket().await;
    drop(server);
    let started = tokio::time::Instant::now();
    let refused = files.open("tenant/a", 0..5).await.map(drop).unwrap_err();
    assert!(matches!(refused, FileStoreError::Unavailable(_)), "{refused:?}");
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
}
