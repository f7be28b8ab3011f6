//! A socket on this machine whose connections end with the peer that owns it.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Accepts connections until dropped; then these end as well.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Listening {
    /// Listens on a port of 127.0.0.1, a free one for 0, and lets `serve` talk on each connection.
    pub(crate) async fn start<Serve, Talk>(port: u16, serve: Serve) -> Self
    where
        Serve: Fn(TcpStream) -> Talk + Send + 'static,
        Talk: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = tokio::spawn(accept(listener, serve));
        Self { address, accepting }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends everything, and has ended it when this is done: the port is free.
    pub(crate) async fn stop(mut self) -> u16 {
        self.accepting.abort();
        // That it was cancelled is no news.
        let _cancelled = (&mut self.accepting).await;
        self.address.port()
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
