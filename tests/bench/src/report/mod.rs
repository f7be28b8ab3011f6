//! What was measured, for people and for programs.

mod claims;
mod connections;
mod deliveries;
mod desk;
mod files;
mod latency;
mod messages;
mod socketio;
mod start;

use std::path::Path;

use serde::Serialize;

pub(crate) use self::{
    claims::ClaimsRow,
    connections::ConnectionsRow,
    deliveries::{BesideRow, DeliveriesReport, DrainRow},
    desk::DeskRow,
    files::FilesRow,
    latency::LatencyRow,
    messages::{MessagesReport, MessagesRow},
    socketio::SocketIoReport,
    start::StartRow,
};
use crate::{Failure, options::Plan, process::data_folder};

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * 1024.0;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    is_short: bool,
    /// Whether this binary was built for speed; the server may have been built otherwise.
    is_debug_build: bool,
    server: String,
    cores: usize,
    data_folder: String,
    pub(crate) messages: Option<MessagesReport>,
    pub(crate) latency: Option<Vec<LatencyRow>>,
    pub(crate) socketio: Option<SocketIoReport>,
    pub(crate) connections: Option<Vec<ConnectionsRow>>,
    pub(crate) start: Option<Vec<StartRow>>,
    pub(crate) deliveries: Option<DeliveriesReport>,
    pub(crate) claims: Option<Vec<ClaimsRow>>,
    pub(crate) desk: Option<Vec<DeskRow>>,
    pub(crate) files: Option<Vec<FilesRow>>,
}

impl Report {
    pub(crate) fn begin(plan: &Plan) -> Self {
        Self {
            is_short: plan.is_short,
            is_debug_build: cfg!(debug_assertions),
            server: std::env::var("SUPPORT_SERVER_BIN").unwrap_or_else(|_| "the one beside this binary".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            data_folder: data_folder().display().to_string(),
            messages: None,
            latency: None,
            socketio: None,
            connections: None,
            start: None,
            deliveries: None,
            claims: None,
            desk: None,
            files: None,
        }
    }

    pub(crate) fn write(&self, file: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        Ok(std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?)
    }

    pub(crate) fn headline(&self) -> String {
        let mut line = format!(
            "server: {}; {} cores shared by everything; data in {}",
            self.server, self.cores, self.data_folder
        );
        if self.is_debug_build {
            line += "; a debug build: its figures mean nothing";
        }
        line + "\n"
    }

    pub(crate) fn messages_table(&self) -> String {
        self.messages.as_ref().map(messages::table).unwrap_or_default()
    }

    pub(crate) fn latency_table(&self) -> String {
        latency::table(self.latency.as_deref().unwrap_or_default())
    }

    pub(crate) fn socketio_table(&self) -> String {
        self.socketio.as_ref().map(socketio::table).unwrap_or_default()
    }

    pub(crate) fn connections_table(&self) -> String {
        connections::table(self.connections.as_deref().unwrap_or_default())
    }

    pub(crate) fn deliveries_table(&self) -> String {
        self.deliveries.as_ref().map(deliveries::table).unwrap_or_default()
    }

    pub(crate) fn claims_table(&self) -> String {
        claims::table(self.claims.as_deref().unwrap_or_default())
    }

    pub(crate) fn desk_table(&self) -> String {
        desk::table(self.desk.as_deref().unwrap_or_default())
    }

    pub(crate) fn files_table(&self) -> String {
        files::table(self.files.as_deref().unwrap_or_default())
    }

    pub(crate) fn start_table(&self) -> String {
        start::table(self.start.as_deref().unwrap_or_default())
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
fn as_number(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
fn bytes(count: u64) -> f64 {
    count as f64
}
