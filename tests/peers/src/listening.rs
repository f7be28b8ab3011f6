//! A socket on this machine whose connections end with the peer that owns it.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// Accepts connections until dropped; then these end as well.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Listening {
    /// Listens on a free port of 127.0.0.1 and lets `serve` talk on each connection.
    pub(crate) async fn start<Serve, Talk>(serve: Serve) -> Self
    where
        Serve: Fn(TcpStream) -> Talk + Send + 'static,
        Talk: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = tokio::spawn(accept(listener, serve)).abort_handle();
        Self { address, accepting }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept<Serve, Talk>(listener: TcpListener, serve: Serve)
where
    Serve: Fn(TcpStream) -> Talk,
    Talk: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // Small frames must not wait for each other.
        stream.set_nodelay(true).unwrap();
        connections.spawn(serve(stream));
        while connections.try_join_next().is_some() {}
    }
}
