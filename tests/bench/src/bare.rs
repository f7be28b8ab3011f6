//! The least a server through the same stack can do: hands what is posted to the WebSocket of that conversation and
//! keeps nothing.

use std::{
    collections::HashMap,
    io::Write as _,
    net::SocketAddr,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Body,
    extract::{
        Path, State,
        ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use futures::StreamExt;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use crate::{Failure, http, load::PATIENCE};

const READY: &str = "listening on ";
/// Bytes that a connection reads and writes at once.
const BUFFER: usize = 4096;

type Sockets = Arc<Mutex<HashMap<String, UnboundedSender<Utf8Bytes>>>>;

/// Serves until its input ends, which it does when the bench is gone for whatever reason.
pub(crate) async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{READY}http://{}", listener.local_addr()?)?;
    let router = Router::new()
        .route("/human-support/requests/{id}/messages", post(hand_on))
        .route("/human-support/ws/{id}", get(connect))
        .route("/files", post(read))
        .with_state(Sockets::default());
    let mut rest = Vec::new();
    let mut input = tokio::io::stdin();
    tokio::select! {
        ended = axum::serve(listener, router) => Ok(ended?),
        _ = input.read_to_end(&mut rest) => Ok(()),
    }
}

async fn hand_on(State(sockets): State<Sockets>, Path(id): Path<String>, body: String) -> StatusCode {
    let sockets = sockets.lock().unwrap_or_else(PoisonError::into_inner);
    match sockets.get(&id).map(|socket| socket.send(body.into())) {
        Some(Ok(())) => StatusCode::CREATED,
        _ => StatusCode::NOT_FOUND,
    }
}

/// Reads what comes in, and drops it.
async fn read(body: Body) -> StatusCode {
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        if piece.is_err() {
            return StatusCode::BAD_REQUEST;
        }
    }
    StatusCode::CREATED
}

async fn connect(State(sockets): State<Sockets>, Path(id): Path<String>, upgrade: WebSocketUpgrade) -> Response {
    let (sender, frames) = unbounded_channel();
    // By default each connection has 128 KiB to read into, which would hide what anything else costs.
    let upgrade = upgrade.read_buffer_size(BUFFER).write_buffer_size(BUFFER);
    upgrade.on_upgrade(move |socket| {
        sockets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, sender);
        tell(socket, frames)
    })
}

async fn tell(mut socket: WebSocket, mut frames: UnboundedReceiver<Utf8Bytes>) {
    let mut next = Some(Utf8Bytes::from_static(r#"{"type":"connected"}"#));
    loop {
        if let Some(frame) = next.take()
            && socket.send(Message::Text(frame)).await.is_err()
        {
            return;
        }
        tokio::select! {
            frame = frames.recv() => next = frame,
            heard = socket.recv() => if !matches!(heard, Some(Ok(_))) { return },
        }
    }
}

/// That server as a process of its own. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Bare {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Bare {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn()?;
        let address = listening(&mut child, READY).await?;
        Ok(Self {
            address: http::address(&address)?,
            child,
        })
    }

    pub(crate) fn process(&self) -> Result<u32, Failure> {
        Ok(self.child.id().ok_or("the bare server has ended")?)
    }
}

/// What a server writes behind these words once it listens.
pub(crate) async fn listening(child: &mut Child, words: &str) -> Result<String, Failure> {
    let output = child.stdout.take().ok_or("a server without output")?;
    let mut lines = BufReader::new(output).lines();
    let found = async {
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix(words) {
                return Ok(address.trim().to_owned());
            }
        }
        Err("a server ended before it listened".into())
    };
    timeout(PATIENCE, found).await.map_err(|_| "a server does not listen")?
}
