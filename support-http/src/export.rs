//! All that is kept of a customer, as one JSON document that is written while it is read, so that
//! no conversation is too long for it.

use std::io;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use serde::Serialize;
use serde_json::json;
use support_core::{
    desk::{Desk, DeskError, Scope},
    model::{ActorRef, Customer, CustomerId, File, FileId, FileState, Rating, Ticket, Timestamp},
    ports::{CallbackFilter, PageRequest, SortOrder, TicketCursor, TicketFilter, TicketPosition},
};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{
    error::ApiError,
    wire::{
        callbacks::CallRow,
        files::FileUrls,
        portal::{Feedback, PortalMessage, PortalNotification, PortalTicket},
    },
};

const TICKETS_AT_ONCE: u32 = 50;
const MESSAGES_AT_ONCE: u32 = 500;
const CALLS_AT_ONCE: u32 = 100;
/// The newest of what somebody was told; what is older repeats what stands in the tickets.
const MOST_NOTIFICATIONS: u32 = 10_000;
/// The most files of one conversation.
const MOST_FILES: u32 = 10_000;
/// Pieces that wait for a slow reader.
const PIECES: usize = 4;

/// All that is kept of the customer whose `scope` it is, in pieces: who they are, their tickets with
/// everything said in them and how they rated them, their files, their calls, and what they were
/// told. A piece that failed is the last one; what came before is then no whole document.
///
/// # Errors
/// [`DeskError::Forbidden`] for others than customers, [`DeskError::NotFound`].
pub async fn export(desk: &Desk, scope: Scope) -> Result<Receiver<Result<Bytes, io::Error>>, DeskError> {
    let customer = desk.own_profile(&scope).await?;
    let head = head(desk, &customer);
    let (sender, receiver) = channel(PIECES);
    let copy = Copy {
        desk: desk.clone(),
        scope,
        customer: customer.id,
        pieces: sender,
    };
    tokio::spawn(copy.write(head));
    Ok(receiver)
}

/// The same as an answer.
pub(crate) async fn answer(desk: &Desk, scope: Scope) -> Result<Response, ApiError> {
    let pieces = export(desk, scope).await?;
    let body = Body::from_stream(stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    }));
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"export.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, body).into_response())
}

/// Who the customer is: read before anything is answered, so that a failure still is one.
fn head(desk: &Desk, customer: &Customer) -> String {
    let profile = json!({
        "id": customer.id,
        "externalId": customer.external_id,
        "name": customer.contact.name,
        "email": customer.contact.email,
        "phone": customer.contact.phone,
        "createdAt": customer.created_at,
        "updatedAt": customer.updated_at,
    });
    format!("{{\"exportedAt\":{},\"customer\":{profile}", json!(desk.now()))
}

/// A ticket with everything said in it.
#[derive(Serialize)]
struct WholeTicket {
    #[serde(flatten)]
    ticket: PortalTicket,
    contact: serde_json::Value,
    files: Vec<FileOfPerson>,
    feedback: Vec<Feedback>,
}

/// A file that was sent in; its bytes are had by its id.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileOfPerson {
    id: FileId,
    filename: String,
    content_type: &'static str,
    size: u64,
    created_at: Timestamp,
}

impl From<&File> for FileOfPerson {
    fn from(file: &File) -> Self {
        Self {
            id: file.id,
            filename: file.name.clone(),
            content_type: file.kind.content_type(),
            size: file.size,
            created_at: file.created_at,
        }
    }
}

/// Whether it is none of the customer's business, or not there.
const fn is_internal(file: &File) -> bool {
    match file.state {
        FileState::Attached { is_note, .. } => is_note,
        FileState::Arriving | FileState::Leaving | FileState::Loose => true,
    }
}

/// Why a document ends before it is whole.
enum Broken {
    /// What is to be written could not be read.
    Unread(DeskError),
    /// Nobody reads it any more.
    Left,
}

impl<E: Into<DeskError>> From<E> for Broken {
    fn from(error: E) -> Self {
        Self::Unread(error.into())
    }
}

/// A document that is being written.
struct Copy {
    desk: Desk,
    scope: Scope,
    customer: CustomerId,
    pieces: Sender<Result<Bytes, io::Error>>,
}

impl Copy {
    /// Writes all of it, or breaks off so that nobody takes a part for the whole.
    async fn write(self, head: String) {
        if let Err(Broken::Unread(error)) = self.write_all(head).await {
            tracing::warn!(%error, "an export was broken off");
            let broken = io::Error::other("the export could not be completed");
            // Whoever left needs no telling.
            drop(self.pieces.send(Err(broken)).await);
        }
    }

    async fn write_all(&self, head: String) -> Result<(), Broken> {
        self.put(head).await?;
        self.put(",\"tickets\":[").await?;
        self.tickets().await?;
        self.put("],\"looseFiles\":").await?;
        self.loose_files().await?;
        self.put(",\"calls\":[").await?;
        self.calls().await?;
        self.put("],\"notifications\":").await?;
        let told = self.desk.notifications(&self.scope, false, MOST_NOTIFICATIONS);
        let told: Vec<_> = told.await?.into_iter().map(PortalNotification::from).collect();
        self.put(text(&told)?).await?;
        self.put("}").await
    }

    async fn put(&self, piece: impl Into<Bytes>) -> Result<(), Broken> {
        self.pieces.send(Ok(piece.into())).await.map_err(|_| Broken::Left)
    }

    async fn tickets(&self) -> Result<(), Broken> {
        let filter = TicketFilter {
            order: SortOrder::Ascending,
            ..TicketFilter::default()
        };
        let mut position = TicketPosition::Page(1);
        let mut is_first = true;
        loop {
            let found = self
                .desk
                .tickets(&self.scope, filter.clone(), position, TICKETS_AT_ONCE);
            let found = found.await?.items;
            for ticket in &found {
                let comma = if is_first { "" } else { "," };
                is_first = false;
                self.ticket(ticket, comma).await?;
            }
            match found.last() {
                Some(last) if found.len() == TICKETS_AT_ONCE as usize => {
                    position = TicketPosition::After(TicketCursor::of(last, filter.sort));
                }
                _ => return Ok(()),
            }
        }
    }

    async fn ticket(&self, ticket: &Ticket, comma: &str) -> Result<(), Broken> {
        let stores = self.desk.stores();
        let tenant = self.scope.tenant();
        let notes = stores.messages.notes(tenant, &[ticket.id]).await?;
        let files = stores.files.files_of_ticket(tenant, ticket.id, MOST_FILES).await?;
        let ratings: Vec<Rating> = stores.figures.ratings(tenant, ticket.id).await?;
        let whole = WholeTicket {
            ticket: PortalTicket::new(ticket, notes.get(&ticket.id).copied().unwrap_or_default()),
            contact: json!({
                "name": ticket.contact.name,
                "email": ticket.contact.email,
                "phone": ticket.contact.phone,
            }),
            files: files
                .iter()
                .filter(|file| !is_internal(file))
                .map(FileOfPerson::from)
                .collect(),
            feedback: ratings.iter().map(|rating| Feedback::new(ticket, rating)).collect(),
        };
        let whole = text(&whole)?;
        // The messages come in as the last field of the object.
        let open = whole.strip_suffix('}').unwrap_or(&whole);
        self.put(format!("{comma}{open},\"messages\":[")).await?;
        self.messages(ticket).await?;
        self.put("]}").await
    }

    async fn messages(&self, ticket: &Ticket) -> Result<(), Broken> {
        let urls = FileUrls::new(&self.desk, self.scope.tenant());
        let mut after = 0;
        loop {
            let found = self.desk.messages(&self.scope, ticket, after, MESSAGES_AT_ONCE);
            let found = found.await?;
            for message in &found {
                let comma = if after == 0 { "" } else { "," };
                after = message.seq;
                let row = text(&PortalMessage::new(message, ticket, &urls))?;
                self.put(format!("{comma}{row}")).await?;
            }
            if found.len() < MESSAGES_AT_ONCE as usize {
                return Ok(());
            }
        }
    }

    /// What they sent in and did not say anything with.
    async fn loose_files(&self) -> Result<(), Broken> {
        let uploader = ActorRef::Customer(self.customer);
        let files = &self.desk.stores().files;
        let files = files.loose_files_of(self.scope.tenant(), uploader, MOST_FILES).await?;
        let is_there = |file: &&File| file.state == FileState::Loose;
        let rows: Vec<_> = files.iter().filter(is_there).map(FileOfPerson::from).collect();
        self.put(text(&rows)?).await
    }

    async fn calls(&self) -> Result<(), Broken> {
        let filter = CallbackFilter {
            customer: Some(self.customer),
            ..CallbackFilter::default()
        };
        let mut is_first = true;
        for number in 1.. {
            let page = PageRequest {
                number,
                limit: CALLS_AT_ONCE,
            };
            let found = self.desk.callbacks(&self.scope, &filter, page).await?.items;
            let is_last = found.len() < CALLS_AT_ONCE as usize;
            for state in found {
                let comma = if is_first { "" } else { "," };
                is_first = false;
                let row = text(&CallRow::from(state.callback))?;
                self.put(format!("{comma}{row}")).await?;
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }
}

fn text(value: &impl Serialize) -> Result<String, DeskError> {
    serde_json::to_string(value).map_err(|error| DeskError::Internal(error.to_string()))
}
