//! What may be sent in, as settings show and change it.

use serde::{Deserialize, Serialize};
use support_core::{
    desk::FileChanges,
    model::{FileKind, FileSettings},
};
use utoipa::ToSchema;

use super::input::{Told, maybe};

/// What may be sent in; the installation's where null.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Files)]
pub(crate) struct FilesRow {
    /// The largest file of a widget's visitor, in bytes.
    largest_in_widget: Option<u64>,
    /// The largest file of anybody else, in bytes.
    largest: Option<u64>,
    /// Such as `png` and `pdf`.
    kinds: Option<Vec<&'static str>>,
}

/// What is not named stays; null is for the installation's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilesInput {
    /// The largest file of a widget's visitor, from 1024 to 104857600 bytes.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<u64>)]
    largest_in_widget: Told<u64>,
    /// The largest file of anybody else, from 1024 to 104857600 bytes.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<u64>)]
    largest: Told<u64>,
    /// By names, endings or media types, such as `png`, `.pdf` and `image/jpeg`.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<Vec<String>>)]
    kinds: Told<Vec<String>>,
}

impl From<&FileSettings> for FilesRow {
    fn from(settings: &FileSettings) -> Self {
        let names = |kinds: &Vec<FileKind>| kinds.iter().map(|kind| kind.as_str()).collect();
        Self {
            largest_in_widget: settings.largest_in_widget,
            largest: settings.largest,
            kinds: settings.kinds.as_ref().map(names),
        }
    }
}

impl From<FilesInput> for FileChanges {
    fn from(files: FilesInput) -> Self {
        Self {
            largest_in_widget: files.largest_in_widget,
            largest: files.largest,
            kinds: files.kinds,
        }
    }
}
