//! Looking for viruses with ClamAV's daemon.

use std::{io, path::PathBuf, str::FromStr, time::Duration};

use async_trait::async_trait;
use support_core::{
    model::File,
    ports::{FileReader, FileScanner, FileStoreError, Verdict},
};
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long clamd may take for one file, from the first byte to its verdict.
const SCAN_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest piece that is sent at once.
const PIECE: usize = 64 * 1024;
/// The longest answer that is read.
const LONGEST_ANSWER: u64 = 4 * 1024;

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClamdAddress {
    /// On a port, as `host:port`.
    Tcp(String),
    /// On a socket of this machine.
    Unix(PathBuf),
}

/// An address is neither `tcp://host:port` nor `unix:///path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be tcp://<host>:<port> or unix:///<path>")]
pub struct NoClamdAddress;

impl FromStr for ClamdAddress {
    type Err = NoClamdAddress;

    fn from_str(text: &str) -> Result<Self, NoClamdAddress> {
        if let Some(path) = text.strip_prefix("unix://").filter(|path| path.starts_with('/')) {
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        let place = text.strip_prefix("tcp://").ok_or(NoClamdAddress)?;
        let place = place.trim_end_matches('/');
        let (host, port) = place.rsplit_once(':').ok_or(NoClamdAddress)?;
        if host.is_empty() || host.contains('/') || port.parse::<u16>().is_err() {
            return Err(NoClamdAddress);
        }
        Ok(Self::Tcp(place.to_owned()))
    }
}

/// Asks clamd about each file, by its command `INSTREAM` (clamd(8)). What can't be asked about is
/// not let in: its `StreamMaxLength` has to be at least as large as the largest file.
#[derive(Debug, Clone)]
pub struct Clamd {
    address: ClamdAddress,
    scan_timeout: Duration,
}

impl Clamd {
    /// The daemon at this address. Nothing is asked before the first file.
    #[must_use]
    pub const fn at(address: ClamdAddress) -> Self {
        Self {
            address,
            scan_timeout: SCAN_TIMEOUT,
        }
    }

    /// Waits so long for the verdict on one file, 20 seconds unless told.
    #[must_use]
    pub fn scan_timeout(self, scan_timeout: Duration) -> Self {
        Self { scan_timeout, ..self }
    }

    async fn ask(&self, content: &mut dyn FileReader) -> Result<Vec<u8>, FileStoreError> {
        match &self.address {
            ClamdAddress::Tcp(place) => {
                let connection = connected(TcpStream::connect(place)).await?;
                asked(connection, content).await
            }
            #[cfg(unix)]
            ClamdAddress::Unix(path) => {
                let connection = connected(UnixStream::connect(path)).await?;
                asked(connection, content).await
            }
            #[cfg(not(unix))]
            ClamdAddress::Unix(_) => Err(unavailable("there are no such sockets on this machine")),
        }
    }
}

#[async_trait]
impl FileScanner for Clamd {
    async fn scan(&self, _file: &File, content: &mut dyn FileReader) -> Result<Verdict, FileStoreError> {
        let answer = timeout(self.scan_timeout, self.ask(content)).await;
        let answer = answer.map_err(|_| unavailable("clamd took too long"))??;
        verdict(&answer)
    }
}

fn unavailable(reason: impl std::fmt::Display) -> FileStoreError {
    FileStoreError::Unavailable(format!("clamd: {reason}"))
}

async fn connected<C>(connecting: impl Future<Output = io::Result<C>>) -> Result<C, FileStoreError> {
    let connected = timeout(CONNECT_TIMEOUT, connecting).await;
    connected.map_err(unavailable)?.map_err(unavailable)
}

async fn asked<C>(mut connection: C, content: &mut dyn FileReader) -> Result<Vec<u8>, FileStoreError>
where
    C: AsyncRead + AsyncWrite + Unpin + Send,
{
    // A daemon that has heard enough says so and hangs up: its answer counts, not the broken pipe.
    let sent = send(&mut connection, content).await;
    if let Err(Unsent::Unread(error)) = sent {
        return Err(error);
    }
    let mut answer = Vec::new();
    let read = (&mut connection).take(LONGEST_ANSWER).read_to_end(&mut answer).await;
    match (sent, read) {
        _ if !answer.is_empty() => Ok(answer),
        (Err(Unsent::HungUp(error)), _) | (_, Err(error)) => Err(unavailable(error)),
        _ => Err(unavailable("it hung up without a word")),
    }
}

/// Why a file did not go out whole.
enum Unsent {
    /// Its bytes can't be had.
    Unread(FileStoreError),
    /// The daemon does not listen any more.
    HungUp(io::Error),
}

/// Pieces with their lengths before them, and an empty one at the end.
async fn send(connection: &mut (impl AsyncWrite + Unpin), content: &mut dyn FileReader) -> Result<(), Unsent> {
    connection.write_all(b"zINSTREAM\0").await.map_err(Unsent::HungUp)?;
    while let Some(chunk) = content.read().await.map_err(Unsent::Unread)? {
        for piece in chunk.chunks(PIECE) {
            let length = u32::try_from(piece.len()).unwrap_or(u32::MAX).to_be_bytes();
            connection.write_all(&length).await.map_err(Unsent::HungUp)?;
            connection.write_all(piece).await.map_err(Unsent::HungUp)?;
        }
    }
    connection.write_all(&[0; 4]).await.map_err(Unsent::HungUp)?;
    connection.flush().await.map_err(Unsent::HungUp)
}

/// `stream: OK`, `stream: <what it is> FOUND`, or whatever went wrong.
fn verdict(answer: &[u8]) -> Result<Verdict, FileStoreError> {
    let answer = String::from_utf8_lossy(answer);
    let answer = answer.trim_end_matches(['\0', '\n']).trim();
    if answer.contains(char::is_control) {
        Err(unavailable("it gave more than one answer"))
    } else if answer == "stream: OK" {
        Ok(Verdict::Clean)
    } else if answer.starts_with("stream: ") && answer.ends_with(" FOUND") {
        tracing::warn!(answer, "a file was found to be harmful");
        Ok(Verdict::Harmful)
    } else {
        Err(unavailable(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_ports_or_sockets() {
        let tcp = |place: &str| Ok(ClamdAddress::Tcp(place.to_owned()));
        for (text, meant) in [
            ("tcp://localhost:3310", tcp("localhost:3310")),
            ("tcp://[::1]:3310/", tcp("[::1]:3310")),
            ("unix:///run/clamd.ctl", Ok(ClamdAddress::Unix("/run/clamd.ctl".into()))),
            ("unix://run/clamd.ctl", Err(NoClamdAddress)),
            ("tcp://localhost", Err(NoClamdAddress)),
            ("tcp://:3310", Err(NoClamdAddress)),
            ("tcp://localhost:port", Err(NoClamdAddress)),
            ("localhost:3310", Err(NoClamdAddress)),
            ("", Err(NoClamdAddress)),
        ] {
            assert_eq!(text.parse(), meant, "{text}");
        }
    }

    #[test]
    fn only_a_plain_word_is_a_verdict() {
        assert_eq!(verdict(b"stream: OK\0"), Ok(Verdict::Clean));
        assert_eq!(verdict(b"stream: Eicar-Test-Signature FOUND\0"), Ok(Verdict::Harmful));
        for other in [
            "INSTREAM size limit exceeded. ERROR\0",
            "stream: OK\0stream: X FOUND",
            "",
            "OK",
            "stream: Can't allocate memory ERROR",
        ] {
            assert!(verdict(other.as_bytes()).is_err(), "{other}");
        }
    }
}
