//! Small pictures of large ones.

use std::{io::Cursor, sync::Arc, time::Duration};

use async_trait::async_trait;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, ImageResult, Limits, codecs::jpeg::JpegEncoder,
    metadata::Orientation,
};
use support_core::{
    model::{FileKind, THUMBNAIL_SIDE},
    ports::{FileReader, FileStoreError, Thumbnailer},
};
use tokio::{sync::Semaphore, time::timeout};

/// The largest file of which a picture is made, in bytes: it is held whole meanwhile.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;
/// The most bytes of points that are held for one picture: those of a photograph of 21 megapixels.
const MOST_POINTS: u64 = 64 * 1024 * 1024;
/// The longest side of an image of which a picture is made, in points.
const LONGEST_SIDE: u32 = 16_384;
/// How good small photographs are, of 100.
const QUALITY: u8 = 80;
/// How long a picture waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes small pictures of JPEG, PNG, GIF and WebP, one at a time: whatever is sent in, no more
/// than some 150 MiB are held for it. What is too large, or waits too long for its turn, gets none.
/// Photographs become JPEG, everything else PNG; what moves is shown as it begins.
#[derive(Debug, Clone)]
pub struct Thumbnails(Arc<Semaphore>);

impl Default for Thumbnails {
    fn default() -> Self {
        Self::new()
    }
}

impl Thumbnails {
    /// One picture at a time, shared by clones.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

#[async_trait]
impl Thumbnailer for Thumbnails {
    async fn thumbnail(&self, kind: FileKind, content: &mut dyn FileReader) -> Result<Option<Vec<u8>>, FileStoreError> {
        let Some(format) = format_of(kind) else {
            return Ok(None);
        };
        let Ok(Ok(turn)) = timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = content.read().await? {
            if (bytes.len() as u64).saturating_add(chunk.len() as u64) > LARGEST_FILE {
                return Ok(None);
            }
            bytes.extend(chunk);
        }
        let making = tokio::task::spawn_blocking(move || {
            let made = small(&bytes, format);
            drop(turn);
            made
        });
        // A decoder that gives up on what somebody made up says no more than that there is none.
        match making.await {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(error)) => {
                tracing::debug!(%error, "no small picture can be made of an image");
                Ok(None)
            }
            Err(error) => {
                tracing::warn!(%error, "a decoder broke down");
                Ok(None)
            }
        }
    }
}

const fn format_of(kind: FileKind) -> Option<ImageFormat> {
    match kind {
        FileKind::Jpeg => Some(ImageFormat::Jpeg),
        FileKind::Png => Some(ImageFormat::Png),
        FileKind::Gif => Some(ImageFormat::Gif),
        FileKind::Webp => Some(ImageFormat::WebP),
        _ => None,
    }
}

fn small(bytes: &[u8], format: ImageFormat) -> ImageResult<Option<Vec<u8>>> {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_POINTS);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > MOST_POINTS {
        return Ok(None);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder)?;
    let fits = whole.width() <= THUMBNAIL_SIDE && whole.height() <= THUMBNAIL_SIDE;
    let mut small = if fits {
        whole
    } else {
        whole.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    };
    small.apply_orientation(orientation);
    written(&small, format).map(Some)
}

fn written(picture: &DynamicImage, format: ImageFormat) -> ImageResult<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    if format == ImageFormat::Jpeg {
        picture
            .to_rgb8()
            .write_with_encoder(JpegEncoder::new_with_quality(&mut out, QUALITY))?;
    } else {
        DynamicImage::from(picture.to_rgba8()).write_to(&mut out, ImageFormat::Png)?;
    }
    Ok(out.into_inner())
}
