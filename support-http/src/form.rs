//! Forms with a file in them (RFC 7578), read as they come in.

use std::{collections::HashMap, io::SeekFrom};

use async_trait::async_trait;
use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use multer::{Field, Multipart};
use support_core::ports::{FileReader, FileStoreError};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};

use crate::error::ApiError;

/// The largest field that is no file, in bytes.
const LARGEST_TEXT: usize = 16 * 1024;
/// The most fields of a form.
const MOST_FIELDS: usize = 32;
/// How much is read at a time of a file that had to wait for what came after it.
const READ_AT_ONCE: usize = 64 * 1024;
/// The name of the field with the file.
const FILE: &str = "file";

/// A form that has not been read yet.
pub(crate) struct FileForm(Multipart<'static>);

/// A form as far as it takes to know all that is asked for, and its file.
pub(crate) struct FilledForm {
    texts: HashMap<String, String>,
    /// The file's name and bytes.
    pub(crate) file: Option<(String, Box<dyn FileReader>)>,
}

impl FilledForm {
    /// What was filled in under `name`.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.texts.get(name).cloned()
    }

    /// The file's name and bytes, which have to be there.
    ///
    /// # Errors
    /// [`ApiError`] 400 when there is no file.
    pub(crate) fn into_file(self) -> Result<(String, Box<dyn FileReader>), ApiError> {
        self.file.ok_or_else(|| ApiError::field(FILE, "This field is required"))
    }
}

impl<S: Send + Sync> FromRequest<S> for FileForm {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).map_err(|_| not_a_form())?;
        let body = request.into_body().into_data_stream();
        Ok(Self(Multipart::new(body, boundary)))
    }
}

fn not_a_form() -> ApiError {
    ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "The body must be multipart/form-data",
    )
}

fn malformed() -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", "The form can't be read")
}

impl FileForm {
    /// Reads up to the file, if one of the `wanted` fields came before it (or none is wanted), so
    /// that its bytes need not be kept here. Else the file, of at most `most` bytes, waits on disk
    /// for what comes after it.
    ///
    /// # Errors
    /// [`ApiError`] 400 for what is no form, 413 for what is too large.
    pub(crate) async fn filled(mut self, wanted: &[&str], most: u64) -> Result<FilledForm, ApiError> {
        let mut form = FilledForm {
            texts: HashMap::new(),
            file: None,
        };
        for _ in 0..MOST_FIELDS {
            let Some(field) = self.0.next_field().await.map_err(|_| malformed())? else {
                break;
            };
            let name = field.name().unwrap_or_default().to_owned();
            match field.file_name().map(str::to_owned) {
                Some(called) if name == FILE && form.file.is_none() => {
                    let is_known = wanted.is_empty() || wanted.iter().any(|name| form.texts.contains_key(*name));
                    if is_known {
                        form.file = Some((called, Box::new(Arriving(field))));
                        break;
                    }
                    form.file = Some((called, Box::new(waiting(field, most).await?)));
                }
                Some(_) => {}
                None => {
                    let text = text_of(field).await?;
                    form.texts.entry(name).or_insert(text);
                }
            }
        }
        Ok(form)
    }
}

async fn text_of(mut field: Field<'static>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|_| malformed())? {
        if bytes.len().saturating_add(chunk.len()) > LARGEST_TEXT {
            return Err(ApiError::payload_too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

/// A file as it comes in.
struct Arriving(Field<'static>);

#[async_trait]
impl FileReader for Arriving {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        match self.0.chunk().await {
            Ok(chunk) => Ok(chunk.map(Vec::from)),
            Err(error) => Err(FileStoreError::Failed(error.to_string())),
        }
    }
}

/// A file on disk that has no name there, so that nothing stays of it.
struct Waiting(File);

/// Puts a file aside, of which no more is known yet than that it is not too large.
async fn waiting(mut field: Field<'static>, most: u64) -> Result<Waiting, ApiError> {
    let failed = |error: std::io::Error| ApiError::internal(error.to_string());
    let nameless = tokio::task::spawn_blocking(tempfile::tempfile).await;
    let nameless = nameless.map_err(|error| ApiError::internal(error.to_string()))?;
    let mut file = File::from_std(nameless.map_err(failed)?);
    let mut written = 0_u64;
    while let Some(chunk) = field.chunk().await.map_err(|_| malformed())? {
        written = written.saturating_add(chunk.len() as u64);
        if written > most {
            return Err(ApiError::payload_too_large());
        }
        file.write_all(&chunk).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    file.seek(SeekFrom::Start(0)).await.map_err(failed)?;
    Ok(Waiting(file))
}

#[async_trait]
impl FileReader for Waiting {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        let mut chunk = vec![0; READ_AT_ONCE];
        let read = self.0.read(&mut chunk).await;
        let read = read.map_err(|error| FileStoreError::Unavailable(error.to_string()))?;
        chunk.truncate(read);
        Ok((read > 0).then_some(chunk))
    }
}
