//! Listening: connections, their end when the server is asked to stop, and nothing of what they
//! carry.

mod tracked;

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;
use tracked::Tracked;

/// How long a new client may take to send the head of its first request.
const FIRST_HEAD: Duration = Duration::from_secs(15);
/// How long it may take for each one after that, counted from the answer before. Longer than
/// proxies keep idle connections (60 s mostly), so that they close first and never send into a
/// connection that is just being closed.
const NEXT_HEAD: Duration = Duration::from_secs(75);
/// How often an HTTP/2 client is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// How long a client may read nothing while something waits for it.
const STUCK_FOR: Duration = Duration::from_secs(60);
/// How long to wait when no connection can be accepted, for lack of file descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// A port with what answers on it.
pub(crate) struct Front {
    listener: TcpListener,
    router: Router,
}

/// Connections under way, web sockets too.
pub(crate) struct Connections {
    http: GracefulShutdown,
    open: TaskTracker,
}

impl Front {
    /// `router` behind `listener`.
    pub(crate) fn new(listener: TcpListener, router: Router) -> Self {
        Self { listener, router }
    }

    /// Accepts connections until `stop`, then closes the port. What was accepted goes on.
    pub(crate) async fn accept(self, stop: CancellationToken) -> Connections {
        let Self { listener, router } = self;
        let connections = Connections {
            http: GracefulShutdown::new(),
            open: TaskTracker::new(),
        };
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            match accepted {
                Ok((stream, peer)) => connections.serve(stream, peer, router.clone()),
                Err(error) => bear(&error).await,
            }
        }
        connections
    }
}

/// A client that left early is its own affair; anything else passes, or doesn't.
async fn bear(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    tracing::warn!(%error, "no connection can be accepted");
    sleep(ACCEPT_PAUSE).await;
}

impl Connections {
    fn serve(&self, stream: TcpStream, peer: SocketAddr, router: Router) {
        // Small frames go out at once; a client that is gone already shows itself below.
        drop(stream.set_nodelay(true));
        let stream = TokioIo::new(Tracked::new(stream, STUCK_FOR, self.open.token()));
        let asked = Arc::new(Notify::new());
        let first = Arc::clone(&asked);
        let service = service_fn(move |request| {
            first.notify_one();
            answer(router.clone(), peer, request)
        });
        let mut server = auto::Builder::new(TokioExecutor::new());
        server
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(NEXT_HEAD)
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEP_ALIVE);
        let watcher = self.http.watcher();
        tokio::spawn(async move {
            let mut connection = pin!(watcher.watch(server.serve_connection_with_upgrades(stream, service)));
            // hyper's own timeout begins only once it knows the version of HTTP.
            let ended = tokio::select! {
                ended = &mut connection => ended,
                asked = timeout(FIRST_HEAD, asked.notified()) => match asked {
                    Ok(()) => connection.await,
                    Err(_) => return,
                },
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }

    /// Waits until all have ended: what is asked is answered, and no more is taken.
    pub(crate) async fn finish(self) {
        self.open.close();
        self.http.shutdown().await;
        self.open.wait().await;
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}
