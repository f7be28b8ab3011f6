//! Shapes of files.

use serde::Serialize;
use support_core::{
    desk::Desk,
    model::{Attachment, FileId, Message, TenantId},
};
use utoipa::ToSchema;
use uuid::Uuid;

/// Makes the addresses at which a tenant's files can be had for a while.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileUrls<'d> {
    desk: &'d Desk,
    tenant: TenantId,
}

impl<'d> FileUrls<'d> {
    pub(crate) const fn new(desk: &'d Desk, tenant: TenantId) -> Self {
        Self { desk, tenant }
    }

    pub(crate) fn url(&self, file: FileId) -> String {
        self.desk.file_url(self.tenant, file)
    }

    /// Of the small picture, where there is one.
    fn thumbnail_url(&self, file: &Attachment) -> Option<String> {
        file.has_thumbnail
            .then(|| self.desk.thumbnail_url(self.tenant, file.file))
    }

    /// All that a message carries.
    pub(crate) fn attachments(&self, message: &Message) -> Vec<AttachmentRow> {
        let attachments = message.attachments.iter();
        attachments.map(|file| AttachmentRow::new(file, self)).collect()
    }
}

/// A file, as whoever sent it in and whoever is shown it sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attachment)]
pub(crate) struct AttachmentRow {
    pub(crate) id: Uuid,
    pub(crate) filename: String,
    /// Where it can be had, for about an hour; ask again for a later one.
    pub(crate) url: String,
    pub(crate) size: u64,
    pub(crate) content_type: &'static str,
    /// In points, of images.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    /// Where a small picture of an image can be had, at most 320 wide and high.
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_url: Option<String>,
}

impl AttachmentRow {
    pub(crate) fn new(file: &Attachment, urls: &FileUrls<'_>) -> Self {
        Self {
            id: file.file.uuid(),
            filename: file.name.clone(),
            url: urls.url(file.file),
            size: file.size,
            content_type: file.kind.content_type(),
            width: file.dimensions.map(|dimensions| dimensions.width),
            height: file.dimensions.map(|dimensions| dimensions.height),
            thumbnail_url: urls.thumbnail_url(file),
        }
    }
}
