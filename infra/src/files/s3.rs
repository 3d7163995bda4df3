//! A bucket behind the S3 protocol: Amazon's, MinIO, Ceph, the object stores of Chinese clouds.

use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, RetryConfig};
use voxpark_domain::{Error, Result};

use crate::config::Secret;

/// How a bucket is reached.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Region, as the server names it.
    pub region: String,
    /// Address of the server; `None` = Amazon's for the region.
    pub endpoint: Option<String>,
    /// What the keys of our objects begin with; empty = nothing.
    pub prefix: String,
    /// Whether the name of the bucket is part of the host name (`BUCKET.HOST`) instead of the path.
    pub in_host: bool,
    /// Access key.
    pub key_id: String,
    /// Its secret.
    pub secret: Secret,
}

impl Bucket {
    /// The store behind it. Nothing is asked of the server yet.
    pub(super) fn open(&self) -> Result<Arc<dyn ObjectStore>> {
        // The HTTP client brings no cryptography of its own; the process has one provider, ours.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.key_id)
            .with_secret_access_key(self.secret.expose())
            // One request an object: servers differ in how they want many at once.
            .with_disable_bulk_delete(true)
            .with_virtual_hosted_style_request(self.in_host)
            .with_retry(RetryConfig { max_retries: 3, ..RetryConfig::default() });
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let store = builder.build().map_err(Error::internal)?;
        Ok(if self.prefix.is_empty() {
            Arc::new(store)
        } else {
            Arc::new(PrefixStore::new(store, self.prefix.as_str()))
        })
    }
}
