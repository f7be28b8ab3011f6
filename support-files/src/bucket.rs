//! A bucket of Amazon S3, or of whatever speaks its protocol.

use std::{sync::Arc, time::Duration};

use object_store::{
    ClientOptions, RetryConfig,
    aws::{AmazonS3Builder, S3ConditionalPut},
    path::Path as Key,
};

use crate::{error::UnusablePlace, store::ObjectFiles};

/// The smallest part of an upload in parts (Amazon S3 User Guide, "Multipart upload limits").
const PART: usize = 5 * 1024 * 1024;
/// How long one call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a call that fails for the moment is made again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);

/// Where a bucket is, and what opens it.
#[derive(Clone, Default)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What keys begin with; may be empty.
    pub prefix: String,
    /// As `AWS_ACCESS_KEY_ID`; what the machine is given by its cloud when none.
    pub access_key_id: Option<String>,
    /// As `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<String>,
    /// As `AWS_REGION`; `us-east-1` when none.
    pub region: Option<String>,
    /// As `AWS_ENDPOINT_URL`; Amazon's own when none. `http://` only where it is said here.
    pub endpoint: Option<String>,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Bucket")
            .field("name", &self.name)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl ObjectFiles {
    /// In a bucket that is there already. An upload holds up to 5 MiB at a time, the smallest part
    /// that the protocol knows. What a process that was killed has left of an upload in parts is
    /// for a lifecycle rule of the bucket to remove (`AbortIncompleteMultipartUpload`).
    ///
    /// # Errors
    /// [`UnusablePlace`] when what is said of the bucket makes no sense; whether it can be reached
    /// is seen when it is used.
    pub fn in_bucket(bucket: Bucket) -> Result<Self, UnusablePlace> {
        let Bucket {
            name,
            prefix,
            access_key_id,
            secret_access_key,
            region,
            endpoint,
        } = bucket;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(region.unwrap_or_else(|| "us-east-1".to_owned()))
            .with_conditional_put(S3ConditionalPut::Disabled)
            .with_client_options(ClientOptions::new().with_timeout(CALL_TIMEOUT))
            .with_retry(RetryConfig {
                retry_timeout: RETRY_TIMEOUT,
                ..RetryConfig::default()
            });
        if let Some(id) = access_key_id {
            builder = builder.with_access_key_id(id);
        }
        if let Some(secret) = secret_access_key {
            builder = builder.with_secret_access_key(secret);
        }
        if let Some(endpoint) = endpoint {
            let is_plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
        }
        let objects = builder.build().map_err(|error| UnusablePlace(error.to_string()))?;
        Ok(Self::over(Arc::new(objects), Key::from(prefix), PART))
    }
}
