//! A bucket that speaks Amazon's S3 protocol: `s3s-fs`, which checks every request's signature
//! (AWS Signature Version 4) as the real one does.

use std::path::{Path, PathBuf};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;

use crate::listening::Listening;

/// The bucket that is there.
const BUCKET: &str = "support-files";
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Amazon's S3 with one bucket and one pair of keys.
#[derive(Debug)]
pub struct S3Server {
    listening: Listening,
    root: TempDir,
}

impl S3Server {
    /// Starts it with an empty bucket.
    pub async fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();
        let listening = Listening::start(0, move |stream| {
            let service = service.clone();
            async move {
                // What ends a connection is the client's to know; the server goes on.
                let _ended = Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            }
        })
        .await;
        Self { listening, root }
    }

    /// Its address, as `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        BUCKET
    }

    /// As `AWS_ACCESS_KEY_ID`.
    pub fn access_key_id(&self) -> &str {
        ACCESS_KEY
    }

    /// As `AWS_SECRET_ACCESS_KEY`.
    pub fn secret_access_key(&self) -> &str {
        SECRET_KEY
    }

    /// The keys of all objects in the bucket, in order.
    pub fn objects(&self) -> Vec<String> {
        let bucket = self.root.path().join(BUCKET);
        let mut keys: Vec<String> = files_below(&bucket)
            .iter()
            .map(|file| file.strip_prefix(&bucket).unwrap().to_string_lossy().into_owned())
            .collect();
        keys.sort();
        keys
    }

    /// How many parts there are of uploads that were neither completed nor aborted.
    pub fn parts(&self) -> usize {
        let all = std::fs::read_dir(self.root.path()).unwrap();
        let names = all.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with(".upload_id-")).count()
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] });
    found.collect()
}
