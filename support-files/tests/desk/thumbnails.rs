//! Small pictures of what is sent in.

use std::{io::Cursor, sync::Arc, time::Duration};

use image::{DynamicImage, GenericImageView, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use support_core::model::{File, FileKind, THUMBNAIL_SIDE};
use support_files::Thumbnails;

use crate::office::{Office, pdf};

async fn office() -> Office {
    Office::open(|builder| builder.thumbnailer(Arc::new(Thumbnails::new()))).await
}

/// Red on the left, blue on the right.
fn picture(width: u32, height: u32) -> DynamicImage {
    let color = |x, _| {
        if x < width / 2 {
            Rgb([255, 0, 0])
        } else {
            Rgb([0, 0, 255])
        }
    };
    RgbImage::from_fn(width, height, color).into()
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn small_picture(office: &Office, file: &File) -> (FileKind, DynamicImage) {
    let small = file.thumbnail().unwrap();
    let bytes = office.bytes_of(&small).await.unwrap();
    let format = match small.kind {
        FileKind::Jpeg => ImageFormat::Jpeg,
        _ => ImageFormat::Png,
    };
    (small.kind, image::load_from_memory_with_format(&bytes, format).unwrap())
}

#[tokio::test]
async fn images_get_a_small_picture_and_nothing_else_does() {
    let office = office().await;
    for (name, format, kind, size, shown) in [
        ("a.jpg", ImageFormat::Jpeg, FileKind::Jpeg, (1_200, 800), (320, 213)),
        ("a.png", ImageFormat::Png, FileKind::Png, (800, 1_200), (213, 320)),
        ("a.gif", ImageFormat::Gif, FileKind::Png, (640, 640), (320, 320)),
        ("a.webp", ImageFormat::WebP, FileKind::Png, (2_000, 20), (320, 3)),
        ("small.png", ImageFormat::Png, FileKind::Png, (20, 10), (20, 10)),
    ] {
        let bytes = written(&picture(size.0, size.1), format);
        let file = office.upload(name, &bytes).await.unwrap();
        assert!(file.attachment().has_thumbnail, "{name}");
        let (found, small) = small_picture(&office, &file).await;
        assert_eq!((found, small.dimensions()), (kind, shown), "{name}");
        assert!(small.width() <= THUMBNAIL_SIDE && small.height() <= THUMBNAIL_SIDE);
        let [red, _, blue, _] = small.get_pixel(1, shown.1 / 2).0;
        assert!(red > 200 && blue < 60, "{name}: {red} {blue}");
    }
    let paper = office.upload("a.pdf", &pdf(1_000)).await.unwrap();
    assert_eq!((paper.thumbnail(), paper.attachment().has_thumbnail), (None, false));
}

#[tokio::test]
async fn what_can_be_seen_through_stays_so_and_what_lies_on_its_side_stands_up() {
    let office = office().await;
    let glass: DynamicImage = RgbaImage::from_pixel(400, 400, Rgba([0, 255, 0, 0])).into();
    let file = office
        .upload("glass.png", &written(&glass, ImageFormat::Png))
        .await
        .unwrap();
    assert_eq!(small_picture(&office, &file).await.1.get_pixel(5, 5).0, [0, 255, 0, 0]);

    let mut photo = written(&picture(1_000, 500), ImageFormat::Jpeg);
    // Exif 2.32 §4.6.4: its right side is the top.
    let exif = b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    photo.splice(2..2, exif.iter().copied());
    let file = office.upload("photo.jpg", &photo).await.unwrap();
    let (_, small) = small_picture(&office, &file).await;
    assert_eq!(small.dimensions(), (160, 320));
    let [red, _, blue, _] = small.get_pixel(80, 10).0;
    assert!(red > 200 && blue < 60, "what was left is up");
}

/// A PNG that says to be of this size, and holds what it is given.
fn png(width: u32, height: u32, points: &[u8]) -> Vec<u8> {
    let one = written(&picture(1, 1), ImageFormat::Png);
    let mut bytes = one.get(..33).unwrap().to_vec();
    bytes.splice(16..24, [width.to_be_bytes(), height.to_be_bytes()].concat());
    let length = u32::try_from(points.len()).unwrap().to_be_bytes();
    bytes.extend([length.as_slice(), b"IDAT", points, b"sum."].concat());
    bytes.extend(b"\0\0\0\0IEND\xAE\x42\x60\x82");
    bytes
}

#[tokio::test]
async fn what_no_picture_can_be_made_of_comes_in_without_one() {
    let office = office().await;
    let whole = written(&picture(600, 600), ImageFormat::Jpeg);
    for (name, bytes) in [
        ("many-points.png", png(10_000, 9_999, &[0; 100])),
        ("long.png", png(90_000, 1, &[0; 100])),
        ("broken.png", png(100, 100, b"no points at all")),
        ("no-points.gif", b"GIF89a\x10\0\x10\0\0\0\0;".to_vec()),
        ("half.webp", b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0half".to_vec()),
        ("head.jpg", whole.get(..40).unwrap().to_vec()),
    ] {
        let file = office.upload(name, &bytes).await;
        assert!(file.is_ok(), "{name}: {file:?}");
        assert_eq!(file.unwrap().thumbnail(), None, "{name}");
    }
    assert_eq!(office.kept(), 6);
}

#[tokio::test]
async fn a_small_picture_goes_with_its_image() {
    let office = office().await;
    let bytes = written(&picture(600, 600), ImageFormat::Png);
    let (loose, carried) = (
        office.upload("a.png", &bytes).await.unwrap(),
        office.upload("b.png", &bytes).await.unwrap(),
    );
    office.say(&carried).await.unwrap();
    assert_eq!(office.kept(), 4);
    office.clock.advance(Duration::from_secs(25 * 60 * 60));
    office.desk.sweep_files().await.unwrap();
    assert_eq!(office.kept(), 2);
    assert!(office.bytes_of(&loose.thumbnail().unwrap()).await.is_err());
    small_picture(&office, &carried).await;
}

#[tokio::test]
async fn many_images_at_once_all_come_in() {
    let office = office().await;
    let bytes = written(&picture(500, 400), ImageFormat::Png);
    let uploads = (0..12).map(|_| office.upload("a.png", &bytes));
    for file in futures::future::join_all(uploads).await {
        let file = file.unwrap();
        assert_eq!(office.bytes_of(&file).await.unwrap(), bytes);
        // A slow machine may have let it wait too long for its turn.
        if file.thumbnail().is_some() {
            small_picture(&office, &file).await;
        }
    }
}
