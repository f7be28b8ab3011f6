//! Files that people send in.

use support_core::{
    model::{Dimensions, File, FileState, MessageId, TenantId, TicketId},
    ports::StoreError,
};
use uuid::Uuid;

use super::{Raw, Time, count, from_json, inconsistent, parsed, row, stored_count, stored_time, time, to_json};

const TABLE: &str = "files";

row! {
    /// A row of `files`.
    FileRow {
        tenant_id: Uuid,
        id: Uuid,
        ticket_id: Option<Uuid>,
        uploader: Raw,
        name: String,
        kind: String,
        size: i64,
        width: Option<i64>,
        height: Option<i64>,
        key: String,
        state: String,
        message_id: Option<Uuid>,
        is_note: bool,
        version: i64,
        created_at: Time,
        thumbnail_size: Option<i64>,
    }
}

impl FileRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, file: &File) -> Result<Self, StoreError> {
        let (state, message, is_note) = match file.state {
            FileState::Arriving => ("arriving", None, false),
            FileState::Loose => ("loose", None, false),
            FileState::Attached { message, is_note } => ("attached", Some(message), is_note),
            FileState::Leaving => ("leaving", None, false),
        };
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: file.id.uuid(),
            ticket_id: file.ticket.map(TicketId::uuid),
            uploader: to_json(&file.uploader)?,
            name: file.name.clone(),
            kind: file.kind.as_str().to_owned(),
            size: stored_count(file.size),
            width: file.dimensions.map(|dimensions| dimensions.width.into()),
            height: file.dimensions.map(|dimensions| dimensions.height.into()),
            key: file.key.clone(),
            state: state.to_owned(),
            message_id: message.map(MessageId::uuid),
            is_note,
            version: stored_count(file.version.saturating_add(1)),
            created_at: stored_time(file.created_at),
            thumbnail_size: file.thumbnail_size.map(stored_count),
        })
    }

    fn state(&self) -> Result<FileState, StoreError> {
        match (self.state.as_str(), self.message_id) {
            ("arriving", None) => Ok(FileState::Arriving),
            ("loose", None) => Ok(FileState::Loose),
            ("attached", Some(message)) => Ok(FileState::Attached {
                message: message.into(),
                is_note: self.is_note,
            }),
            ("leaving", None) => Ok(FileState::Leaving),
            (state, _) => Err(inconsistent(TABLE, format!("{} is `{state}`", self.id))),
        }
    }

    fn dimensions(&self) -> Result<Option<Dimensions>, StoreError> {
        let Some((width, height)) = self.width.zip(self.height) else {
            return Ok(None);
        };
        Ok(Some(Dimensions {
            width: count(TABLE, width)?,
            height: count(TABLE, height)?,
        }))
    }

    /// The file.
    pub(crate) fn into_file(self) -> Result<File, StoreError> {
        Ok(File {
            state: self.state()?,
            dimensions: self.dimensions()?,
            id: self.id.into(),
            ticket: self.ticket_id.map(Into::into),
            uploader: from_json(TABLE, &self.uploader)?,
            name: self.name,
            kind: parsed(TABLE, &self.kind)?,
            size: count(TABLE, self.size)?,
            key: self.key,
            thumbnail_size: self.thumbnail_size.map(|size| count(TABLE, size)).transpose()?,
            version: count(TABLE, self.version)?,
            created_at: time(self.created_at),
        })
    }
}
