//! Says back what it hears: at `/socket.io/` over Socket.IO as it is set up for the desk, and at
//! `/engine.io/` over the Engine.IO below it. Time runs faster here, and nobody has to be let in.
//!
//! In the namespaces `/` and `/custom`, whoever connects is told `auth` with what they connected
//! with; `message` comes back as `message-back`, and `message-with-ack` as its acknowledgement.

mod arguments;

use std::{io::Write as _, sync::Arc, time::Duration};

use axum::{
    Router,
    serve::{Listener, ListenerExt},
};
use bytes::Bytes;
use engineioxide::{
    DisconnectReason, Socket, Str, config::EngineIoConfig, handler::EngineIoHandler, layer::EngineIoLayer,
};
use serde_json::{Value, json};
use socketioxide::extract::{AckSender, SocketRef, TryData};
use tokio::net::TcpListener;

use crate::arguments::Arguments;

const PING_INTERVAL: Duration = Duration::from_millis(300);
const PING_TIMEOUT: Duration = Duration::from_millis(200);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// As for the desk.
const LARGEST_PACKET: usize = 1_000_000;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let (socket_io, io) = support_http::socketio_builder()
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .build_layer();
    io.ns("/", greet);
    io.ns("/custom", greet);
    let engine = EngineIoConfig::builder()
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .max_payload(LARGEST_PACKET as u64)
        .ws_max_message_size(LARGEST_PACKET)
        .ws_max_frame_size(LARGEST_PACKET)
        .build();
    let engine_io = EngineIoLayer::from_config(Arc::new(Echo), engine);
    let app = Router::new().layer(engine_io).layer(socket_io);
    // Small packets that follow one another must not wait for each other, as they don't at the desk's.
    let listener = TcpListener::bind("127.0.0.1:0").await?.tap_io(|stream| {
        drop(stream.set_nodelay(true));
    });
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    axum::serve(listener, app).await
}

async fn greet(socket: SocketRef, TryData(auth): TryData<Value>) {
    socket.on("message", async |socket: SocketRef, said: Arguments| {
        drop(socket.emit("message-back", &said));
    });
    socket.on("message-with-ack", async |said: Arguments, answer: AckSender| {
        drop(answer.send(&said));
    });
    let auth = auth.ok().filter(|auth| !auth.is_null()).unwrap_or_else(|| json!({}));
    drop(socket.emit("auth", &auth));
}

#[derive(Debug, Clone, Copy)]
struct Echo;

impl EngineIoHandler for Echo {
    type Data = ();

    fn on_connect(self: Arc<Self>, _: Arc<Socket<()>>) {}

    fn on_disconnect(&self, _: Arc<Socket<()>>, _: DisconnectReason) {}

    fn on_message(self: &Arc<Self>, said: Str, socket: Arc<Socket<()>>) {
        drop(socket.emit(said));
    }

    fn on_binary(self: &Arc<Self>, said: Bytes, socket: Arc<Socket<()>>) {
        drop(socket.emit_binary(said));
    }
}
