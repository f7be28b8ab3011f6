//! What nobody refers to goes, and what somebody does stays.

use std::time::Duration;

use support_core::desk::DeskError;

use crate::office::{Office, pdf};

const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn what_no_message_carries_within_a_day_is_removed_and_the_rest_stays() {
    let office = Office::open(|builder| builder).await;
    let (loose, carried) = (
        office.upload("loose.pdf", &pdf(100)).await.unwrap(),
        office.upload("carried.pdf", &pdf(200)).await.unwrap(),
    );
    office.say(&carried).await.unwrap();
    office.clock.advance(24 * HOUR);
    office.desk.sweep_files().await.unwrap();
    assert_eq!(office.kept(), 2, "a day is not over before it has passed");
    let late = office.upload("late.pdf", &pdf(300)).await.unwrap();
    office.clock.advance(Duration::from_secs(1));
    office.desk.sweep_files().await.unwrap();
    assert_eq!(office.kept(), 2);
    assert!(matches!(
        office.desk.file(&office.visitor, loose.id).await,
        Err(DeskError::NotFound)
    ));
    assert!(office.bytes_of(&loose).await.is_err());
    assert!(office.say(&loose).await.is_err());
    assert_eq!(office.bytes_of(&carried).await.unwrap(), pdf(200));
    office.say(&late).await.unwrap();
    office.clock.advance(1_000 * HOUR);
    office.desk.sweep_files().await.unwrap();
    assert_eq!(office.kept(), 2);
    assert_eq!(office.desk.file(&office.admin, late.id).await.unwrap().size, 300);
}

#[tokio::test]
async fn more_than_one_round_is_removed_in_one_sweep() {
    let office = Office::open(|builder| builder).await;
    for _ in 0..205 {
        office.upload("a.pdf", &pdf(20)).await.unwrap();
    }
    office.clock.advance(25 * HOUR);
    office.desk.sweep_files().await.unwrap();
    assert_eq!(office.kept(), 0);
}

#[tokio::test]
async fn what_breaks_off_or_turns_out_to_be_something_else_leaves_nothing() {
    let office = Office::open(|builder| builder).await;
    let mut no_text = b"Words, and then ".repeat(20_000);
    no_text.push(0);
    for (name, refused) in [
        ("half.pdf", office.upload_half("half.pdf", &pdf(700_000)).await),
        ("empty.pdf", office.upload("empty.pdf", b"").await),
        ("nothing.pdf", office.upload_half("nothing.pdf", b"").await),
        ("large.pdf", office.upload("large.pdf", &pdf(6 * 1024 * 1024)).await),
        ("words.txt", office.upload("words.txt", &no_text).await),
        (
            "words.docx",
            office
                .upload("words.docx", &[b"PK\x03\x04".as_slice(), &[7; 400_000]].concat())
                .await,
        ),
    ] {
        assert!(refused.is_err(), "{name}");
        assert_eq!(office.kept(), 0, "{name}");
    }
    office.clock.advance(25 * HOUR);
    let left = office
        .desk
        .stores()
        .files
        .files_left_over(office.desk.now(), 100)
        .await
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
}
