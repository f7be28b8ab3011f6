//! Files that people send in: taking them in, handing them out, and removing what nobody needs.

use std::{ops::Range, sync::Arc, time::Duration};

use super::{Desk, DeskError, Rule, Scope, lookup::TicketRef, outbound::Purpose, retry::Attempt};
use crate::{
    change::ChangeSet,
    model::{
        Actor, Dimensions, EventBody, File, FileId, FileKind, FileState, Inspection, LARGEST_FILE, LARGEST_WIDGET_FILE,
        LOOSE_FILES_KEPT, MOST_PIXELS, Message, MessageKind, TenantId, TicketId, Timestamp, safe_file_name,
    },
    ports::{FileReader, FileScanner, FileStore, FileStoreError, FileWriter, Thumbnailer, Verdict},
};

/// What may be sent in where a tenant has settled nothing.
#[derive(Debug, Clone, Default)]
pub struct UploadSettings {
    /// The largest file in bytes; 5 MiB in a widget and 10 MiB elsewhere when not given.
    pub largest: Option<u64>,
    /// The kinds that are accepted; [`FileKind::USUAL`] when not given.
    pub kinds: Option<Vec<FileKind>>,
}

/// What takes files in and hands them out.
#[derive(Debug, Clone, Default)]
pub(super) struct Uploads {
    pub(super) store: Option<Arc<dyn FileStore>>,
    pub(super) scanner: Option<Arc<dyn FileScanner>>,
    pub(super) thumbnailer: Option<Arc<dyn Thumbnailer>>,
    pub(super) settings: UploadSettings,
}

/// A file that is being sent in.
pub struct NewFile {
    /// The conversation it is for, where that is known.
    pub ticket: Option<TicketRef>,
    /// What its sender calls it.
    pub name: String,
    /// Its bytes as they come in.
    pub content: Box<dyn FileReader>,
}

impl std::fmt::Debug for NewFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NewFile").finish_non_exhaustive()
    }
}

/// The files that a message is to carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried<'f> {
    pub(super) files: &'f [FileId],
    /// The closed conversation that the message's own goes on from.
    pub(super) follows: Option<TicketId>,
}

/// What may be sent in by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLimits {
    /// The largest file, in bytes.
    pub largest: u64,
    /// The kinds that are accepted.
    pub kinds: Vec<FileKind>,
}

/// How long a signed way to a file is good, at least.
const LINK_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// Ways to a file that are signed within such a time are the same, so that browsers need not get
/// it again.
const LINK_STEP: u64 = 10 * 60 * 1_000;
/// Files that are removed in one go.
const REMOVED_AT_ONCE: u32 = 200;
/// The most files that are removed in one round.
const ROUNDS_OF_REMOVING: u32 = 20;

impl Desk {
    /// Takes in a file, of which a message may be made then. Goes through with it or leaves
    /// nothing of it, also when whoever asked for it goes away.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for a conversation that isn't the actor's business,
    /// [`DeskError::Forbidden`], [`Rule::FileTooLarge`], [`Rule::FileKind`], [`Rule::NoFiles`],
    /// [`Rule::HarmfulFile`], [`DeskError::Invalid`] for what is empty or an image of too many points.
    pub async fn upload(&self, scope: &Scope, new: NewFile) -> Result<File, DeskError> {
        let store = self.files().store.clone().ok_or(DeskError::Refused(Rule::NoFiles))?;
        self.refuse_blocked(scope, None, None).await?;
        let ticket = match (&new.ticket, scope.actor()) {
            (_, Actor::Anyone | Actor::Platform(_) | Actor::Bot) => return Err(DeskError::Forbidden),
            (Some(ticket), _) => Some(self.ticket(scope, *ticket).await?.id),
            (None, Actor::Visitor { ticket, .. }) => Some(*ticket),
            (None, _) => None,
        };
        let limits = self.upload_limits(scope).await?;
        let desk = self.clone();
        // Its key names what is answered, not the steps to it.
        let scope = Scope::new(scope.tenant(), scope.actor().clone());
        let taking = async move {
            let arrival = Arrival {
                desk: &desk,
                scope: &scope,
                store: &*store,
                limits: &limits,
            };
            arrival.take_in(ticket, new).await
        };
        self.see_through(taking).await
    }

    /// What visitors of the tenant's widget may send in; none where no files are taken.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn widget_file_limits(&self, tenant: TenantId) -> Result<Option<FileLimits>, DeskError> {
        if self.files().store.is_none() {
            return Ok(None);
        }
        let settled = self.tenant_of(&Scope::system(tenant)).await?.settings.files;
        Ok(Some(self.file_limits(
            settled.largest_in_widget,
            LARGEST_WIDGET_FILE,
            settled.kinds,
        )))
    }

    async fn upload_limits(&self, scope: &Scope) -> Result<FileLimits, DeskError> {
        let settled = self.tenant_of(scope).await?.settings.files;
        Ok(match scope.actor() {
            Actor::Visitor { .. } => self.file_limits(settled.largest_in_widget, LARGEST_WIDGET_FILE, settled.kinds),
            _ => self.file_limits(settled.largest, LARGEST_FILE, settled.kinds),
        })
    }

    fn file_limits(&self, settled: Option<u64>, usual: u64, kinds: Option<Vec<FileKind>>) -> FileLimits {
        let installations = &self.files().settings;
        FileLimits {
            largest: settled.or(installations.largest).unwrap_or(usual),
            kinds: kinds
                .or_else(|| installations.kinds.clone())
                .unwrap_or_else(|| FileKind::USUAL.to_vec()),
        }
    }

    /// A file that the actor may have.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it isn't there or is none of the actor's business.
    pub async fn file(&self, scope: &Scope, id: FileId) -> Result<File, DeskError> {
        let file = self.stores().files.file(scope.tenant(), id).await?;
        let file = file.ok_or(DeskError::NotFound)?;
        let ticket = match file.ticket {
            Some(ticket) => self.stores().tickets.ticket(scope.tenant(), ticket).await?,
            None => None,
        };
        if !file.is_open_to(scope.actor(), scope.actor_ref(), ticket.as_ref()) {
            return Err(DeskError::NotFound);
        }
        self.note_access(scope, EventBody::FileRead { file: file.id }).await?;
        Ok(file)
    }

    /// Where one file can be had for a while by whoever holds the address: for those who were
    /// shown a message that carries it, or sent it in.
    #[must_use]
    pub fn file_url(&self, tenant: TenantId, file: FileId) -> String {
        let token = self.file_token(tenant, file);
        format!("{}/api/files/{file}?token={token}", self.outbound().settings.public_url)
    }

    /// As [`file_url`](Self::file_url), of the small picture of an image.
    #[must_use]
    pub fn thumbnail_url(&self, tenant: TenantId, file: FileId) -> String {
        let token = self.file_token(tenant, file);
        format!(
            "{}/api/files/{file}/thumbnail?token={token}",
            self.outbound().settings.public_url
        )
    }

    fn file_token(&self, tenant: TenantId, file: FileId) -> String {
        let until = self.now().plus(LINK_LIFETIME).millis();
        let until = u64::try_from(until).unwrap_or_default().next_multiple_of(LINK_STEP);
        let (tenant, file, until) = (tenant.to_string(), file.to_string(), until.to_string());
        self.signed(Purpose::File, &[&tenant, &file, &until])
    }

    /// The file that a signed way leads to, and whose it is.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it isn't there any more, or the way is not signed for it, or
    /// was signed too long ago.
    pub async fn signed_file(&self, id: FileId, signed: &str) -> Result<(TenantId, File), DeskError> {
        let tenant = self.tenant_of_signed(id, signed).ok_or(DeskError::NotFound)?;
        let file = self.stores().files.file(tenant, id).await?;
        let is_there = |file: &File| matches!(file.state, FileState::Loose | FileState::Attached { .. });
        let file = file.filter(is_there).ok_or(DeskError::NotFound)?;
        Ok((tenant, file))
    }

    fn tenant_of_signed(&self, id: FileId, signed: &str) -> Option<TenantId> {
        let parts = self.signed_parts(Purpose::File, signed)?;
        let [tenant, file, until] = parts.as_slice() else {
            return None;
        };
        let until = Timestamp::from_millis(until.parse().ok()?);
        (file.parse() == Ok(id) && until > self.now()).then(|| tenant.parse().ok())?
    }

    /// The bytes of a file that the caller was [found](Self::file) to be allowed to have, from
    /// `range.start` up to and without `range.end`.
    ///
    /// # Errors
    /// [`DeskError`] when they can't be had.
    pub async fn open_file(&self, file: &File, range: Range<u64>) -> Result<Box<dyn FileReader>, DeskError> {
        let store = self.files().store.as_ref().ok_or(DeskError::NotFound)?;
        Ok(store.open(&file.key, range).await?)
    }

    /// A message with the files that it is to carry, which are its from then on.
    pub(super) async fn with_files(
        &self,
        scope: &Scope,
        change: &mut ChangeSet,
        message: Message,
        carried: Carried<'_>,
    ) -> Result<Message, DeskError> {
        let mut message = message;
        let Carried { files, follows } = carried;
        for id in files {
            let file = self.stores().files.file(scope.tenant(), *id).await?;
            // What is somebody else's isn't there.
            let file = file
                .filter(|file| file.uploader == scope.actor_ref())
                .ok_or(DeskError::NotFound)?;
            let mut meant_for = std::iter::once(message.ticket).chain(follows);
            if !meant_for.any(|ticket| file.may_be_attached_by(scope.actor_ref(), ticket)) {
                if self.may_be_repeated(scope, &message, &file).await? {
                    // The commit knows the first one.
                    return Ok(message);
                }
                return Err(DeskError::field(
                    "attachment_ids",
                    "This upload was sent or removed already, or is for another conversation",
                ));
            }
            message.attachments.push(file.attachment());
            let is_note = message.kind == MessageKind::Note;
            change.attach_file(file.attached_to(message.ticket, message.id, is_note));
        }
        let only_images = message.attachments.iter().all(|file| file.kind.is_image());
        message.kind = match message.kind {
            MessageKind::Text if !files.is_empty() && only_images => MessageKind::Image,
            MessageKind::Text if !files.is_empty() => MessageKind::File,
            kind => kind,
        };
        Ok(message)
    }

    /// Whether a file is with a message already because that is this message, said once more.
    async fn may_be_repeated(&self, scope: &Scope, message: &Message, file: &File) -> Result<bool, DeskError> {
        if let Some(request) = scope.request()
            && self
                .stores()
                .requests
                .request(scope.tenant(), &request.key)
                .await?
                .is_some()
        {
            return Ok(true);
        }
        let FileState::Attached { message: first, .. } = file.state else {
            return Ok(false);
        };
        if message.client_id.is_none() || file.ticket != Some(message.ticket) {
            return Ok(false);
        }
        let first = self
            .stores()
            .messages
            .message(scope.tenant(), message.ticket, first)
            .await?;
        Ok(first.is_some_and(|first| first.client_id == message.client_id && first.sender == message.sender))
    }

    /// Removes files that no message has carried for a day, and what was left of those that never
    /// came in whole.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn sweep_files(&self) -> Result<(), DeskError> {
        let Some(store) = &self.files().store else {
            return Ok(());
        };
        let before = self.now().minus(LOOSE_FILES_KEPT);
        for _ in 0..ROUNDS_OF_REMOVING {
            let left = self.stores().files.files_left_over(before, REMOVED_AT_ONCE).await?;
            let found = left.len();
            let mut removed = 0_usize;
            for (tenant, file) in left {
                let id = file.id;
                match self.remove_file(&Scope::system(tenant), &**store, file).await {
                    Ok(()) => removed += 1,
                    Err(error) => tracing::warn!(%tenant, file = %id, %error, "a file could not be removed yet"),
                }
            }
            if removed < found || found < usize::try_from(REMOVED_AT_ONCE).unwrap_or(usize::MAX) {
                break;
            }
        }
        Ok(())
    }

    /// Removes a file that no message carries. First it is put out of reach, so that no message
    /// can take it while its bytes go; whoever comes after a crash finds how far it was.
    pub(super) async fn remove_file(&self, scope: &Scope, store: &dyn FileStore, file: File) -> Result<(), DeskError> {
        let file = if file.state == FileState::Leaving {
            file
        } else {
            let doomed = File {
                state: FileState::Leaving,
                ..file
            };
            self.keep(scope, doomed, ChangeSet::doom_file).await?
        };
        store.delete(&file.key).await?;
        if file.kind.of_thumbnail().is_some() {
            store.delete(&file.thumbnail_key()).await?;
        }
        let mut change = ChangeSet::new(scope, self.now());
        change.remove_file(&file);
        self.commit(change).await.map(drop).map_err(failure)
    }

    /// Writes a file down and gives it as it is stored.
    async fn keep(
        &self,
        scope: &Scope,
        file: File,
        write: impl FnOnce(&mut ChangeSet, File),
    ) -> Result<File, DeskError> {
        let mut change = ChangeSet::new(scope, self.now());
        write(&mut change, file.clone());
        self.commit(change).await.map_err(failure)?;
        Ok(File {
            version: file.version.saturating_add(1),
            ..file
        })
    }
}

fn failure(attempt: Attempt) -> DeskError {
    match attempt {
        Attempt::Again(conflict) => conflict.into(),
        Attempt::Failed(error) => error,
    }
}

/// One file on its way in.
struct Arrival<'d> {
    desk: &'d Desk,
    scope: &'d Scope,
    store: &'d dyn FileStore,
    limits: &'d FileLimits,
}

/// A file of which enough has come in to know what it seems to be.
struct Begun {
    file: File,
    inspection: Inspection,
    /// What is to be stored of what came in.
    bytes: Vec<u8>,
    received: u64,
}

impl Arrival<'_> {
    async fn take_in(&self, ticket: Option<TicketId>, new: NewFile) -> Result<File, DeskError> {
        let NewFile { name, mut content, .. } = new;
        let mut begun = self.begin(ticket, &name, &mut *content).await?;
        // Known before its bytes are: whatever happens now, they are found and removed.
        begun.file = self.desk.keep(self.scope, begun.file, ChangeSet::await_file).await?;
        let arriving = begun.file.clone();
        match self.keep_content(begun, &mut *content).await {
            Ok(file) => Ok(file),
            Err(error) => {
                let removed = self.desk.remove_file(self.scope, self.store, arriving).await;
                if let Err(error) = removed {
                    tracing::warn!(%error, "what was left of a refused file is removed later");
                }
                Err(error)
            }
        }
    }

    /// Reads as far as it takes to know what the file seems to be.
    async fn begin(
        &self,
        ticket: Option<TicketId>,
        name: &str,
        content: &mut dyn FileReader,
    ) -> Result<Begun, DeskError> {
        let mut inspection = Inspection::new();
        let mut bytes = Vec::new();
        let mut received = 0_u64;
        while !inspection.has_begun() {
            let Some(chunk) = content.read().await.map_err(|error| cut_off(&error))? else {
                bytes.extend(inspection.end());
                break;
            };
            received = self.counted(received, chunk.len())?;
            bytes.extend(inspection.take(&chunk));
        }
        if received == 0 {
            return Err(DeskError::field("file", "Must not be empty"));
        }
        let named = inspection.kind_named(&safe_file_name(name));
        let (kind, name) = named
            .filter(|(kind, _)| self.limits.kinds.contains(kind))
            .ok_or(DeskError::Refused(Rule::FileKind))?;
        let file = File {
            id: FileId::new(self.desk.ids().uuid()),
            ticket,
            uploader: self.scope.actor_ref(),
            name,
            kind,
            size: 0,
            dimensions: None,
            key: File::key_of(self.scope.tenant(), self.desk.ids().secret("").reveal()),
            thumbnail_size: None,
            state: FileState::Arriving,
            version: 0,
            created_at: self.desk.now(),
        };
        Ok(Begun {
            file,
            inspection,
            bytes,
            received,
        })
    }

    /// How much has come in, if that is not too much.
    fn counted(&self, received: u64, more: usize) -> Result<u64, DeskError> {
        let received = received.saturating_add(more as u64);
        let most = self.limits.largest;
        if received > most {
            return Err(DeskError::Refused(Rule::FileTooLarge { most }));
        }
        Ok(received)
    }

    async fn keep_content(&self, begun: Begun, content: &mut dyn FileReader) -> Result<File, DeskError> {
        let arriving = begun.file.clone();
        let mut writer = self.store.create(&arriving.key).await?;
        match self.copy(begun, content, &mut *writer).await {
            Ok(file) => {
                writer.finish().await?;
                self.scan(&file).await?;
                let file = self.with_thumbnail(file).await;
                self.desk.keep(self.scope, file, ChangeSet::save_file).await
            }
            Err(error) => {
                writer.abort().await;
                Err(error)
            }
        }
    }

    async fn copy(
        &self,
        begun: Begun,
        content: &mut dyn FileReader,
        writer: &mut dyn FileWriter,
    ) -> Result<File, DeskError> {
        let Begun {
            file,
            mut inspection,
            mut bytes,
            mut received,
        } = begun;
        loop {
            let pixels = inspection.dimensions().map_or(0, Dimensions::pixels);
            if pixels > MOST_PIXELS {
                let message = format!("Must have at most {MOST_PIXELS} pixels");
                return Err(DeskError::field("file", message));
            }
            if !bytes.is_empty() {
                writer.write(bytes).await?;
            }
            let Some(chunk) = content.read().await.map_err(|error| cut_off(&error))? else {
                break;
            };
            received = self.counted(received, chunk.len())?;
            bytes = inspection.take(&chunk);
        }
        let (rest, inspected) = inspection.finish(file.kind);
        if !inspected.is_what_it_seemed {
            return Err(DeskError::Refused(Rule::FileKind));
        }
        if !rest.is_empty() {
            writer.write(rest).await?;
        }
        Ok(File {
            size: inspected.size,
            dimensions: inspected.dimensions,
            state: FileState::Loose,
            ..file
        })
    }

    async fn scan(&self, file: &File) -> Result<(), DeskError> {
        let Some(scanner) = &self.desk.files().scanner else {
            return Ok(());
        };
        let mut content = self.store.open(&file.key, 0..file.size).await?;
        match scanner.scan(file, &mut *content).await? {
            Verdict::Clean => Ok(()),
            Verdict::Harmful => Err(DeskError::Refused(Rule::HarmfulFile)),
        }
    }

    /// With a small picture, where one can be made: without it, a file is as good.
    async fn with_thumbnail(&self, file: File) -> File {
        let Some(thumbnailer) = &self.desk.files().thumbnailer else {
            return file;
        };
        let thumbnail_size = match self.make_thumbnail(&**thumbnailer, &file).await {
            Ok(size) => size,
            Err(error) => {
                tracing::warn!(file = %file.id, %error, "a small picture could not be kept");
                None
            }
        };
        File { thumbnail_size, ..file }
    }

    async fn make_thumbnail(&self, thumbnailer: &dyn Thumbnailer, file: &File) -> Result<Option<u64>, FileStoreError> {
        if file.kind.of_thumbnail().is_none() {
            return Ok(None);
        }
        let mut content = self.store.open(&file.key, 0..file.size).await?;
        let Some(bytes) = thumbnailer.thumbnail(file.kind, &mut *content).await? else {
            return Ok(None);
        };
        let size = bytes.len() as u64;
        let mut writer = self.store.create(&file.thumbnail_key()).await?;
        writer.write(bytes).await?;
        writer.finish().await?;
        Ok(Some(size))
    }
}

/// Its sender stopped half-way.
fn cut_off(error: &FileStoreError) -> DeskError {
    tracing::debug!(%error, "a file did not come in whole");
    DeskError::field("file", "Did not arrive whole")
}
