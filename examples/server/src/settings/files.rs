//! Where files are kept, and which are taken in.

use std::path::PathBuf;

use support_core::{desk::UploadSettings, model::FileKind};
use support_files::{Bucket, ClamdAddress};

use super::{
    SettingError,
    read::{Must, Reader, listed},
    table,
};

const URL: &str = "must be file://<folder> or s3://<bucket>/<prefix>";
const CLAMD: &str = "must be tcp://<host>:<port> or unix:///<path>";
const SIZE: &str = "must be a number of bytes above 0, such as 10485760 or 10MB";
const TYPES: &str = "must name kinds of files, comma-separated, such as pdf or image/png";

/// Files, for the whole installation.
#[derive(Debug, Clone)]
pub(crate) struct FilesSettings {
    pub place: FilesPlace,
    pub uploads: UploadSettings,
    /// What looks through them.
    pub clamd: Option<ClamdAddress>,
}

/// Where their bytes are.
#[derive(Debug, Clone)]
pub(crate) enum FilesPlace {
    /// In this folder.
    Folder(PathBuf),
    /// In this bucket.
    Bucket(Bucket),
}

pub(super) fn read(read: &Reader<'_>) -> Result<FilesSettings, SettingError> {
    let place = match read.must(&table::FILES_URL, place)? {
        FilesPlace::Bucket(bucket) => FilesPlace::Bucket(Bucket {
            access_key_id: read.may(&table::AWS_ACCESS_KEY_ID, word)?,
            secret_access_key: read.may(&table::AWS_SECRET_ACCESS_KEY, word)?,
            region: read.may(&table::AWS_REGION, word)?,
            endpoint: read.may(&table::AWS_ENDPOINT_URL, super::read::base_url)?,
            ..bucket
        }),
        folder @ FilesPlace::Folder(_) => folder,
    };
    let uploads = UploadSettings {
        largest: read.may(&table::MAX_FILE_SIZE, size)?,
        kinds: read.may(&table::ALLOWED_FILE_TYPES, kinds)?,
    };
    let clamd = read.may(&table::CLAMD_URL, |text| text.parse().map_err(|_| CLAMD))?;
    Ok(FilesSettings { place, uploads, clamd })
}

fn place(text: &str) -> Result<FilesPlace, Must> {
    if let Some(folder) = text.strip_prefix("file://").filter(|folder| !folder.is_empty()) {
        return Ok(FilesPlace::Folder(PathBuf::from(folder)));
    }
    let rest = text.strip_prefix("s3://").ok_or(URL)?;
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_name) || prefix.contains(['?', '#']) {
        return Err(URL);
    }
    Ok(FilesPlace::Bucket(Bucket {
        name: name.to_owned(),
        prefix: prefix.trim_matches('/').to_owned(),
        ..Bucket::default()
    }))
}

fn word(text: &str) -> Result<String, Must> {
    Ok(text.to_owned())
}

fn size(text: &str) -> Result<u64, Must> {
    let text = text.to_ascii_lowercase();
    let (number, unit) = match text.strip_suffix('b').unwrap_or(&text) {
        number if number.ends_with('k') => (number.trim_end_matches('k'), 1024),
        number if number.ends_with('m') => (number.trim_end_matches('m'), 1024 * 1024),
        number => (number, 1),
    };
    let number: u64 = number.trim().parse().map_err(|_| SIZE)?;
    number.checked_mul(unit).filter(|size| *size > 0).ok_or(SIZE)
}

fn kinds(text: &str) -> Result<Vec<FileKind>, Must> {
    let mut kinds = Vec::new();
    for name in listed(text) {
        match (FileKind::meant_by(name), name) {
            (Some(kind), _) => kinds.push(kind),
            (None, "image/*") => kinds.extend(FileKind::ALL.iter().filter(|kind| kind.is_image())),
            (None, _) => return Err(TYPES),
        }
    }
    if kinds.is_empty() { Err(TYPES) } else { Ok(kinds) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        let folder = |text: &str| match place(text).unwrap() {
            FilesPlace::Folder(path) => path.to_string_lossy().into_owned(),
            FilesPlace::Bucket(bucket) => format!("bucket {} {}", bucket.name, bucket.prefix),
        };
        assert_eq!(folder("file://data/files"), "data/files");
        assert_eq!(folder("file:///var/files"), "/var/files");
        assert_eq!(folder("s3://bucket"), "bucket bucket ");
        assert_eq!(folder("s3://bucket/a/b/"), "bucket bucket a/b");
        for wrong in ["", "data/files", "file://", "s3://", "s3://a b", "https://bucket"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_are_bytes_or_have_a_unit() {
        assert_eq!(size("10485760"), Ok(10_485_760));
        assert_eq!(size("10MB"), Ok(10_485_760));
        assert_eq!(size("512 kb"), Ok(524_288));
        for wrong in ["0", "-1", "much", "", "1.5MB", "99999999999999999999"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn kinds_are_named_as_people_name_them() {
        assert_eq!(
            kinds("image/png, .PDF,jpg"),
            Ok(vec![FileKind::Png, FileKind::Pdf, FileKind::Jpeg])
        );
        assert_eq!(kinds("image/*").map(|kinds| kinds.len()), Ok(4));
        assert!(kinds("exe").is_err());
    }
}
