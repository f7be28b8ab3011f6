//! A connection that is known to be open for as long as somebody holds it, be it as a web socket,
//! and that breaks when its peer takes nothing for too long.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A stream, and the token that counts it.
pub(super) struct Tracked {
    stream: TcpStream,
    /// How long a peer may take nothing of what waits for it.
    patience: Duration,
    /// The end of the peer's time, while something waits for it.
    stuck: Option<Pin<Box<Sleep>>>,
    _open: TaskTrackerToken,
}

impl Tracked {
    pub(super) fn new(stream: TcpStream, patience: Duration, open: TaskTrackerToken) -> Self {
        Self {
            stream,
            patience,
            stuck: None,
            _open: open,
        }
    }

    /// Gives up on a peer who has taken nothing for too long.
    fn patiently(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stuck = None;
            return written;
        }
        let patience = self.patience;
        let end = self.stuck.get_or_insert_with(|| Box::pin(sleep(patience)));
        end.as_mut()
            .poll(context)
            .map(|()| Err(io::Error::new(io::ErrorKind::TimedOut, "the peer reads nothing")))
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl AsyncRead for Tracked {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_read(context, buffer)
    }
}

impl AsyncWrite for Tracked {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.as_mut().stream().poll_write(context, bytes);
        self.patiently(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.as_mut().stream().poll_write_vectored(context, slices);
        self.patiently(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use tokio::{io::AsyncWriteExt, net::TcpListener};
    use tokio_util::task::TaskTracker;

    #[tokio::test]
    async fn a_peer_that_reads_nothing_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let open = TaskTracker::new();
        let mut tracked = Tracked::new(stream, Duration::from_millis(50), open.token());
        let piece = vec![0; 64 * 1024];
        let error = loop {
            if let Err(error) = tracked.write_all(&piece).await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(peer);
    }
}
