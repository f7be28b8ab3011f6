//! Files that ClamAV looks through: by the real daemon with one signature of our own, and by sockets
//! that behave as no daemon should.

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use support_core::desk::{DeskError, Rule};
use support_files::{Clamd, ClamdAddress};
use support_testkit::eventually;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    process::{Child, Command},
};

use crate::office::{Office, pdf};

/// What every scanner knows, and does nobody any harm (EICAR Anti-Virus Test File).
const EICAR: &[u8] = br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// The real daemon, which ends when this is dropped.
struct Daemon {
    _process: Child,
    folder: TempDir,
    port: u16,
}

impl Daemon {
    async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("clam").tempdir().unwrap();
        let signatures = folder.path().join("signatures");
        std::fs::create_dir(&signatures).unwrap();
        let digits: String = EICAR.iter().map(|byte| format!("{byte:02x}")).collect();
        tokio::fs::write(
            signatures.join("test.ndb"),
            format!("Support.Test.Eicar:0:*:{digits}\n"),
        )
        .await
        .unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let settings = format!(
            "DatabaseDirectory {}\nLocalSocket {}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\nStreamMaxLength 1M\n",
            signatures.display(),
            folder.path().join("clamd.ctl").display(),
        );
        let file = folder.path().join("clamd.conf");
        tokio::fs::write(&file, settings).await.unwrap();
        let process = Command::new(program())
            .arg("--config-file")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let socket = folder.path().join("clamd.ctl");
        eventually(Duration::from_secs(60), async || {
            UnixStream::connect(&socket).await.ok()
        })
        .await;
        eventually(Duration::from_secs(60), async || {
            TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
        Self {
            _process: process,
            folder,
            port,
        }
    }

    fn addresses(&self) -> [ClamdAddress; 2] {
        [
            format!("tcp://127.0.0.1:{}", self.port).parse().unwrap(),
            format!("unix://{}/clamd.ctl", self.folder.path().display())
                .parse()
                .unwrap(),
        ]
    }
}

fn program() -> PathBuf {
    let known = ["/usr/sbin/clamd", "/usr/local/sbin/clamd", "/opt/homebrew/sbin/clamd"];
    let found = known.into_iter().map(PathBuf::from).find(|path| path.is_file());
    assert!(
        found.is_some(),
        "clamd is missing: apt-get install -y --no-install-recommends clamav-daemon"
    );
    found.unwrap()
}

async fn office_with(clamd: Clamd) -> Office {
    Office::open(|builder| builder.file_scanner(Arc::new(clamd))).await
}

#[tokio::test]
async fn what_is_harmful_is_refused_and_the_rest_comes_in() {
    let daemon = Daemon::start().await;
    for address in daemon.addresses() {
        let office = office_with(Clamd::at(address)).await;
        let clean = office.upload("clean.pdf", &pdf(900_000)).await.unwrap();
        let mut harmful = pdf(300_000);
        harmful.extend(EICAR);
        harmful.extend(pdf(300_000));
        let refused = office.upload("harmful.pdf", &harmful).await;
        assert!(
            matches!(refused, Err(DeskError::Refused(Rule::HarmfulFile))),
            "{refused:?}"
        );
        assert_eq!(office.kept(), 1, "of what is harmful nothing stays");
        office.say(&clean).await.unwrap();
        // More than the daemon takes is not let in unseen.
        let refused = office.upload("large.pdf", &pdf(2_000_000)).await;
        assert!(matches!(refused, Err(DeskError::Unavailable { .. })), "{refused:?}");
        assert_eq!(office.kept(), 1);
    }
}

/// A socket that reads so many bytes, says this, and then hangs up or waits for ever.
async fn odd_daemon(reads: usize, says: &'static [u8], hangs_up: bool) -> ClamdAddress {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut heard = vec![0; reads];
                stream.read_exact(&mut heard).await.unwrap();
                assert!(reads < 10 || heard.starts_with(b"zINSTREAM\0"), "{heard:?}");
                stream.write_all(says).await.unwrap();
                if !hangs_up {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    address.parse().unwrap()
}

#[tokio::test]
async fn without_a_verdict_nothing_comes_in() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let long = b"stream: OK but not at all ".repeat(1_000).leak();
    for (what, address) in [
        ("nobody listens", format!("tcp://{nobody}").parse().unwrap()),
        ("no such socket", ClamdAddress::Unix("/nowhere/clamd.ctl".into())),
        ("it hangs up at once", odd_daemon(0, b"", true).await),
        ("it hangs up in between", odd_daemon(1_000, b"", true).await),
        ("it never answers", odd_daemon(10, b"", false).await),
        (
            "it stops in the middle of a word",
            odd_daemon(10, b"stream: ", true).await,
        ),
        (
            "it is out of memory",
            odd_daemon(10, b"stream: Can't allocate memory ERROR\0", true).await,
        ),
        ("it talks and talks", odd_daemon(10, long, true).await),
    ] {
        let office = office_with(Clamd::at(address).scan_timeout(Duration::from_secs(1))).await;
        let refused = office.upload("clean.pdf", &pdf(400_000)).await;
        assert!(
            matches!(refused, Err(DeskError::Unavailable { .. })),
            "{what}: {refused:?}"
        );
        assert_eq!(office.kept(), 0, "{what}");
    }
}
