//! Lines in, lines out.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::time::timeout;

/// RFC 4954 §4 allows an AUTH line this long; every other command is shorter.
const LONGEST_COMMAND: u64 = 12_288;

const LAST_BYTES: Duration = Duration::from_secs(1);

/// A connection, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub(super) struct Wire {
    stream: BufReader<Box<dyn Stream>>,
    unsent: Vec<u8>,
}

/// What came after DATA.
pub(super) enum Content {
    /// All of it, without the dots that SMTP adds.
    Whole(Vec<u8>),
    /// All of it, but more than was allowed.
    TooLarge,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream: BufReader::with_capacity(16 * 1024, stream),
            unsent: Vec::new(),
        }
    }

    /// The connection, without what the client sent ahead: nothing said in clear may count once it is encrypted
    /// (RFC 3207 §4.2).
    pub(super) fn into_stream(self) -> Box<dyn Stream> {
        self.stream.into_inner()
    }

    /// Answers are kept back while more commands are already here (RFC 2920).
    pub(super) fn say(&mut self, line: &str) {
        self.unsent.extend_from_slice(line.as_bytes());
        self.unsent.extend_from_slice(b"\r\n");
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(&self.unsent).await?;
        self.unsent.clear();
        stream.flush().await
    }

    /// The next command, without its end; none when the client is gone, `InvalidData` for what is no line.
    pub(super) async fn command(&mut self) -> io::Result<Option<String>> {
        if !self.stream.buffer().contains(&b'\n') {
            self.flush().await?;
        }
        let mut line = Vec::new();
        (&mut self.stream)
            .take(LONGEST_COMMAND)
            .read_until(b'\n', &mut line)
            .await?;
        if line.is_empty() {
            return Ok(None);
        }
        let command = line.strip_suffix(b"\r\n").and_then(|text| str::from_utf8(text).ok());
        match command {
            Some(command) if !command.contains(['\r', '\0']) => Ok(Some(command.to_owned())),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Reads up to the line with a single dot. Only CRLF ends a line: otherwise mail could be smuggled in.
    pub(super) async fn content(&mut self, most: usize) -> io::Result<Content> {
        let mut content = Vec::new();
        let mut line = Vec::new();
        let (mut at_line_start, mut too_large) = (true, false);
        loop {
            line.clear();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if at_line_start && line == b".\r\n" {
                break;
            }
            let stuffed = at_line_start && line.starts_with(b".");
            let text = line.get(usize::from(stuffed)..).unwrap_or_default();
            at_line_start = line.ends_with(b"\r\n");
            too_large |= content.len() + text.len() > most;
            if !too_large {
                content.extend_from_slice(text);
            }
        }
        Ok(if too_large {
            Content::TooLarge
        } else {
            Content::Whole(content)
        })
    }

    /// Waits for some of the content and leaves it unread.
    pub(super) async fn beginning_of_content(&mut self) -> io::Result<()> {
        self.stream.fill_buf().await.map(|_| ())
    }

    /// Closes the connection so that the last answer arrives: with bytes unread it would be reset instead.
    pub(super) async fn close(mut self) -> io::Result<()> {
        self.flush().await?;
        self.stream.shutdown().await?;
        let rest = self.ignore_until_closed();
        // Who never closes is cut off.
        timeout(LAST_BYTES, rest).await.unwrap_or(Ok(()))
    }

    /// Hears everything, says nothing, until the client gives up.
    pub(super) async fn ignore_until_closed(&mut self) -> io::Result<()> {
        self.flush().await?;
        tokio::io::copy(&mut self.stream, &mut tokio::io::sink())
            .await
            .map(|_| ())
    }
}
