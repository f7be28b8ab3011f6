//! What keeps the bytes of files: all of them, parts of them, and nothing of what did not come in whole.

use std::{ops::Range, sync::Arc};

use support_core::ports::{FileReader, FileStore, FileStoreError};

/// Sizes around the parts in which stores hand files over.
const SIZES: [usize; 7] = [
    0,
    1,
    64 * 1024,
    256 * 1024,
    5 * 1024 * 1024 - 1,
    5 * 1024 * 1024,
    11 * 1024 * 1024 + 7,
];
/// No power of two, so that it fits into no part.
const CHUNK: usize = 100_003;

/// Bytes of which no two neighbourhoods are alike.
fn content(size: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = std::iter::repeat_with(next).take(size / 8 + 1).flatten().collect();
    bytes.truncate(size);
    bytes
}

async fn write(store: &dyn FileStore, key: &str, bytes: &[u8]) {
    let mut writer = store.create(key).await.unwrap();
    for chunk in bytes.chunks(CHUNK) {
        writer.write(chunk.to_vec()).await.unwrap();
    }
    writer.finish().await.unwrap();
}

async fn all_of(mut reader: Box<dyn FileReader>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.read().await.unwrap() {
        bytes.extend(chunk);
    }
    bytes
}

async fn read(store: &dyn FileStore, key: &str, range: Range<usize>) -> Vec<u8> {
    let range = range.start as u64..range.end as u64;
    all_of(store.open(key, range).await.unwrap()).await
}

/// Whether there is anything by that key.
async fn is_there(store: &dyn FileStore, key: &str) -> bool {
    match store.open(key, 0..1).await {
        Ok(_) => true,
        Err(FileStoreError::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Files of every size come back byte by byte, and so does any part of them.
pub async fn what_is_written_is_read_back_whole_and_in_parts(store: Arc<dyn FileStore>) {
    for size in SIZES {
        let (key, bytes) = (format!("tenant/file-{size}"), content(size));
        write(&*store, &key, &bytes).await;
        assert!(read(&*store, &key, 0..size).await == bytes, "{size}");
        let half = size / 2;
        for range in [0..1, 0..half, half..size, size.saturating_sub(1)..size, half..half] {
            let range = range.start..range.end.min(size);
            assert!(
                read(&*store, &key, range.clone()).await == bytes[range.clone()],
                "{size} {range:?}"
            );
        }
    }
}

/// Nothing is there before a writer has finished, nor after it gave up or was forgotten.
pub async fn what_is_not_finished_is_not_there(store: Arc<dyn FileStore>) {
    let bytes = content(6 * 1024 * 1024);
    for size in [0, 10, bytes.len()] {
        let mut writer = store.create("tenant/given-up").await.unwrap();
        writer.write(bytes[..size].to_vec()).await.unwrap();
        assert!(!is_there(&*store, "tenant/given-up").await, "{size} before the end");
        writer.abort().await;
        assert!(!is_there(&*store, "tenant/given-up").await, "{size} after giving up");
        let mut writer = store.create("tenant/forgotten").await.unwrap();
        writer.write(bytes[..size].to_vec()).await.unwrap();
        drop(writer);
        store.delete("tenant/forgotten").await.unwrap();
        assert!(!is_there(&*store, "tenant/forgotten").await, "{size} after forgetting");
    }
    write(&*store, "tenant/given-up", b"whole").await;
    assert_eq!(read(&*store, "tenant/given-up", 0..5).await, b"whole");
}

/// What is deleted is gone, twice over, and its neighbours stay.
pub async fn what_is_deleted_is_gone_and_its_neighbours_stay(store: Arc<dyn FileStore>) {
    let neighbours = ["tenant/a", "tenant/ab", "tenant/a-b_C9", "other/a"];
    for key in neighbours {
        write(&*store, key, key.as_bytes()).await;
    }
    for (place, key) in neighbours.iter().enumerate() {
        store.delete(key).await.unwrap();
        store.delete(key).await.unwrap();
        assert!(!is_there(&*store, key).await, "{key}");
        for left in &neighbours[place + 1..] {
            assert_eq!(read(&*store, left, 0..left.len()).await, left.as_bytes());
        }
    }
    assert!(!is_there(&*store, "tenant/never").await);
}

/// Many files come in and go out at the same time.
pub async fn many_files_at_once_stay_apart(store: Arc<dyn FileStore>) {
    let tasks: Vec<_> = (0..16_u8)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let (key, bytes) = (format!("tenant/{number}"), vec![number; 300_000]);
                write(&*store, &key, &bytes).await;
                assert!(read(&*store, &key, 0..bytes.len()).await == bytes, "{number}");
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}
