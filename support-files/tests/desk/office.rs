//! A tenant with an agent, a visitor and a folder for files.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use support_core::{
    desk::{
        Desk, DeskBuilder, DeskError, FirstAdmin, NewFile, NewMessage, NewTenant, NewTicket, NewTicketRequester, Scope,
        Speaker,
    },
    memory::MemoryStore,
    model::{Actor, Contact, File, InboxKind, TenantId, Ticket, TicketChannel},
    ports::{FileReader, FileStoreError},
    testing::ManualClock,
};
use support_files::ObjectFiles;
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) clock: ManualClock,
    pub(crate) admin: Scope,
    pub(crate) visitor: Scope,
    pub(crate) ticket: Ticket,
    folder: TempDir,
}

/// Bytes that come in piece by piece, and break off if they are told to.
pub(crate) struct Content {
    rest: Vec<u8>,
    breaks_off: bool,
}

#[async_trait]
impl FileReader for Content {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        if self.rest.is_empty() && self.breaks_off {
            return Err(FileStoreError::Failed("the connection was cut".to_owned()));
        }
        let next: Vec<u8> = self.rest.drain(..self.rest.len().min(50_000)).collect();
        Ok((!next.is_empty()).then_some(next))
    }
}

impl Office {
    /// With files in a folder, and whatever else the desk is to have.
    pub(crate) async fn open(equip: impl FnOnce(DeskBuilder) -> DeskBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = ObjectFiles::in_folder(folder.path()).unwrap();
        let clock = ManualClock::default();
        let builder = Desk::builder(MemoryStore::new())
            .clock(clock.clone())
            .file_store(Arc::new(files));
        let desk = equip(builder).build();
        let system = Scope::system(TenantId::new(desk.ids().uuid()));
        let admin = FirstAdmin {
            name: "Ada".into(),
            email: "ada@shop.example".into(),
            password: PASSWORD.into(),
        };
        let new = NewTenant {
            slug: "shop".into(),
            name: "Shop".into(),
            timezone: "UTC".into(),
            domains: vec![],
            admin,
        };
        let tenant = desk.create_tenant(&system, new).await.unwrap().id;
        let ada = desk.log_in(Some(tenant), "ada@shop.example", PASSWORD).await.unwrap();
        let inbox = desk.default_inbox(tenant, InboxKind::Widget).await.unwrap();
        let vera = NewTicketRequester::Visitor(Contact::default());
        let new = NewTicket {
            message: Some(NewMessage::text("Hello")),
            ..NewTicket::new(inbox.id, TicketChannel::Web, vera)
        };
        let anyone = Scope::new(tenant, Actor::Anyone);
        let ticket = desk.open_ticket(&anyone, new).await.unwrap().ticket;
        let visitor = Actor::Visitor {
            requester: ticket.requester,
            ticket: ticket.id,
        };
        Self {
            admin: Scope::new(tenant, ada.identified.actor()),
            visitor: Scope::new(tenant, visitor),
            desk,
            clock,
            ticket,
            folder,
        }
    }

    /// The visitor sends in a file.
    pub(crate) async fn upload(&self, name: &str, bytes: &[u8]) -> Result<File, DeskError> {
        self.upload_from(name, bytes, false).await
    }

    /// The visitor begins to send in a file, and stops after these bytes.
    pub(crate) async fn upload_half(&self, name: &str, bytes: &[u8]) -> Result<File, DeskError> {
        self.upload_from(name, bytes, true).await
    }

    async fn upload_from(&self, name: &str, bytes: &[u8], breaks_off: bool) -> Result<File, DeskError> {
        let content = Content {
            rest: bytes.to_vec(),
            breaks_off,
        };
        let new = NewFile {
            ticket: None,
            name: name.to_owned(),
            content: Box::new(content),
        };
        self.desk.upload(&self.visitor, new).await
    }

    /// The visitor says something with a file.
    pub(crate) async fn say(&self, file: &File) -> Result<(), DeskError> {
        let message = NewMessage {
            attachments: vec![file.id],
            ..NewMessage::default()
        };
        let posted = self
            .desk
            .post(&self.visitor, self.ticket.id, message, Speaker::Own)
            .await;
        posted.map(drop)
    }

    /// All bytes of a file, as an agent gets them.
    pub(crate) async fn bytes_of(&self, file: &File) -> Result<Vec<u8>, DeskError> {
        let mut content = self.desk.open_file(file, 0..file.size).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = content.read().await? {
            bytes.extend(chunk);
        }
        Ok(bytes)
    }

    /// How many files lie in the folder, of any tenant.
    pub(crate) fn kept(&self) -> usize {
        files_below(self.folder.path())
    }
}

fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}

/// A PDF of so many bytes.
pub(crate) fn pdf(size: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(size, b'x');
    bytes
}
