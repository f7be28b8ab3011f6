//! Redis behind TLS, with a certificate of its own authority.

use std::net::TcpListener;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use support_testkit::{Redis, Server, eventually};
use tempfile::TempDir;

use crate::installation::{SOON, answers};

const HOST: &str = "localhost";

/// An encrypted Redis and the certificate of its authority.
struct Encrypted {
    port: u16,
    folder: TempDir,
    _redis: Redis,
}

impl Encrypted {
    async fn start() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([HOST.to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, &authority).unwrap();

        let folder = tempfile::tempdir().unwrap();
        let keep = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let authority = keep("authority.pem", authority.pem());
        let certificate = keep("certificate.pem", certificate.pem());
        let key = keep("key.pem", key.serialize_pem());
        // Redis takes no free port by itself.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let arguments = [
            ("--tls-port", port.to_string()),
            ("--tls-cert-file", certificate),
            ("--tls-key-file", key),
            ("--tls-ca-cert-file", authority),
            ("--tls-auth-clients", "no".to_owned()),
        ];
        let arguments: Vec<_> = arguments
            .iter()
            .flat_map(|(name, value)| [*name, value.as_str()])
            .collect();
        Self {
            port,
            _redis: Redis::start_with(&arguments).await,
            folder,
        }
    }

    /// A node that trusts those whom this file of the folder names.
    async fn node(&self, trusted: &str) -> Server {
        Server::builder()
            .setting("REDIS_URL", &format!("rediss://{HOST}:{}", self.port))
            .setting("SSL_CERT_FILE", &self.folder.path().join(trusted).display().to_string())
            .start()
            .await
    }
}

#[tokio::test]
async fn a_redis_whose_authority_is_trusted_is_used() {
    let redis = Encrypted::start().await;
    answers(&redis.node("authority.pem").await, 200).await;
}

#[tokio::test]
async fn a_redis_whose_authority_is_unknown_is_not_used() {
    let redis = Encrypted::start().await;
    let another = Encrypted::start().await;
    std::fs::copy(
        another.folder.path().join("authority.pem"),
        redis.folder.path().join("another.pem"),
    )
    .unwrap();
    let node = redis.node("another.pem").await;
    eventually(SOON, || async { node.stderr().contains("certificate").then_some(()) }).await;
    answers(&node, 503).await;
}
