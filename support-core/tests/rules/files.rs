//! What a file is by its bytes, what is taken out of images, and who may have it.

use support_core::{
    model::{
        Actor, ActorRef, AgentId, CustomerId, Dimensions, File, FileKind, FileState, Inspected, Inspection, Requester,
        Ticket,
    },
    testing::Samples,
};

/// What is made of a file that comes in by so many bytes at a time.
fn inspected_by(step: usize, name: &str, bytes: &[u8]) -> Option<(FileKind, Vec<u8>, Inspected)> {
    let mut inspection = Inspection::new();
    let mut stored = Vec::new();
    for chunk in bytes.chunks(step) {
        stored.extend(inspection.take(chunk));
    }
    stored.extend(inspection.end());
    let (kind, _) = inspection.kind_named(name)?;
    let (rest, inspected) = inspection.finish(kind);
    stored.extend(rest);
    assert_eq!(inspected.size, stored.len() as u64);
    Some((kind, stored, inspected))
}

/// The same however it comes in.
fn inspected(name: &str, bytes: &[u8]) -> Option<(FileKind, Vec<u8>, Inspected)> {
    let whole = inspected_by(bytes.len().max(1), name, bytes);
    for step in [1, 2, 7, 16, 61] {
        assert_eq!(inspected_by(step, name, bytes), whole, "{name} by {step}");
    }
    whole
}

fn is_taken(name: &str, bytes: &[u8]) -> bool {
    inspected(name, bytes).is_some_and(|(_, _, inspected)| inspected.is_what_it_seemed)
}

fn segment(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, code], &length[..], data].concat()
}

fn frame(width: u16, height: u16) -> Vec<u8> {
    let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
    segment(0xC0, &[&[8], &height[..], &width[..], &[1, 1, 0x11, 0]].concat())
}

/// Exif that says which way is up, and more.
fn exif(orientation: u8, is_big: bool) -> Vec<u8> {
    let short = |value: u16| {
        if is_big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let long = |value: u32| {
        if is_big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let mut tiff = if is_big { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
    tiff.extend(long(8));
    tiff.extend(short(2));
    for (tag, value) in [(0x0112, u16::from(orientation)), (0x8825, 26)] {
        tiff.extend(short(tag));
        tiff.extend(short(3));
        tiff.extend(long(1));
        tiff.extend(short(value));
        tiff.extend([0, 0]);
    }
    tiff.extend(long(0));
    tiff.extend(b"52.5200 N 13.4050 E");
    segment(0xE1, &[b"Exif\0\0", tiff.as_slice()].concat())
}

fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8];
    bytes.extend(segments.concat());
    bytes.extend(frame(4_000, 3_000));
    bytes.extend(segment(0xDA, &[1, 1, 0, 0, 63, 0]));
    bytes.extend(b"coded \xFF\x00 points \xFF\xD0 and more \xFF\xD9");
    bytes
}

#[test]
fn photographs_lose_where_they_were_made_and_keep_which_way_is_up() {
    let jfif = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<GPSLatitude>52.5200 N");
    let iptc = segment(0xED, b"Photoshop 3.0\0 Berlin 52.5200 N");
    let more = segment(0xE2, b"MPF\0 where another image lies");
    let colours = segment(0xE2, b"ICC_PROFILE\0 colours");
    let clean = jpeg(&[jfif.clone(), colours.clone()]);
    for is_big in [true, false] {
        let told = [
            jfif.clone(),
            exif(1, is_big),
            xmp.clone(),
            iptc.clone(),
            more.clone(),
            colours.clone(),
        ];
        let (kind, stored, found) = inspected("a.jpg", &jpeg(&told)).unwrap();
        assert_eq!((kind, &stored), (FileKind::Jpeg, &clean));
        let dimensions = Dimensions {
            width: 4_000,
            height: 3_000,
        };
        assert_eq!(found.dimensions, Some(dimensions));

        let (_, turned, _) = inspected("a.jpg", &jpeg(&[exif(6, is_big)])).unwrap();
        assert!(!turned.windows(7).any(|window| window == b"52.5200"));
        let (_, again, _) = inspected("a.jpg", &turned).unwrap();
        assert_eq!(
            turned, again,
            "what is left says which way is up, and that is understood"
        );
        assert_eq!(turned.len(), jpeg(&[]).len() + 36);
    }
    // A phone puts another image behind the first.
    let both = [jpeg(&[exif(1, true)]), b"padding".to_vec(), jpeg(&[exif(1, false)])].concat();
    let (_, stored, _) = inspected("a.jpg", &both).unwrap();
    assert_eq!(stored, [jpeg(&[]), b"padding".to_vec(), jpeg(&[])].concat());
    // Half a segment is taken out as a whole one.
    let cut = [&[0xFF, 0xD8][..], &exif(1, true)[..40]].concat();
    assert_eq!(inspected("a.jpg", &cut).unwrap().1, [0xFF, 0xD8]);
}

#[test]
fn what_is_no_photograph_inside_comes_through_as_it_is() {
    for odd in [
        b"\xFF\xD8\xFFwhat follows makes no sense at all".as_slice(),
        b"\xFF\xD8\xFF\xE0\x00\x00too short a segment",
        b"\xFF\xD8\xFF\xC0\x00\x04ab\xFF",
    ] {
        assert_eq!(inspected("a.jpg", odd).unwrap().1, odd);
    }
}

fn png_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], name, data, b"sum."].concat()
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    let size = [30_000_u32.to_be_bytes(), 20_u32.to_be_bytes()].concat();
    let header = png_chunk(b"IHDR", &[size.as_slice(), &[8, 2, 0, 0, 0]].concat());
    let points = png_chunk(b"IDAT", &[7; 300]);
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        header,
        chunks.concat(),
        points,
        png_chunk(b"IEND", b""),
        b"after".to_vec(),
    ]
    .concat()
}

#[test]
fn pngs_lose_what_is_written_about_them() {
    let told = [
        png_chunk(b"eXIf", b"MM\0* 52.5200"),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0 52.5200"),
        png_chunk(b"tEXt", b""),
        png_chunk(b"gAMA", b"1234"),
    ];
    let (kind, stored, found) = inspected("a.PNG", &png(&told)).unwrap();
    assert_eq!((kind, stored), (FileKind::Png, png(&told[3..])));
    let dimensions = Dimensions {
        width: 30_000,
        height: 20,
    };
    assert_eq!(found.dimensions, Some(dimensions));
    let broken = b"\x89PNG\r\n\x1a\n\0\0\0\0\0\0\0\0 nothing more that makes sense";
    assert_eq!(inspected("a.png", broken).unwrap().1, broken);
}

fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, data) in chunks {
        body.extend_from_slice(*name);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend_from_slice(data);
        body.extend(std::iter::repeat_n(0, data.len() % 2));
    }
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

#[test]
fn webps_lose_what_is_written_about_them_and_stay_as_long() {
    let extended = |flags: u8| [flags, 0, 0, 0, 0x7F, 0x02, 0, 0xDF, 0x01, 0];
    let given = webp(&[
        (b"VP8X", &extended(0x0C | 0x10)),
        (b"VP8L", b"\x2Fpoints"),
        (b"EXIF", b"52.5200"),
        (b"XMP ", b"<GPS>52.5200"),
    ]);
    let clean = webp(&[
        (b"VP8X", &extended(0x10)),
        (b"VP8L", b"\x2Fpoints"),
        (b"JUNK", &[0; 7]),
        (b"JUNK", &[0; 12]),
    ]);
    let (kind, stored, found) = inspected("a.webp", &given).unwrap();
    assert_eq!((kind, stored), (FileKind::Webp, clean));
    let dimensions = Dimensions {
        width: 640,
        height: 480,
    };
    assert_eq!(found.dimensions, Some(dimensions));
    let lossy = webp(&[(b"VP8 ", b"\0\0\0\x9D\x01\x2A\x40\x01\xF0\x00more")]);
    let dimensions = inspected("a.webp", &lossy).unwrap().2.dimensions;
    assert_eq!(dimensions.map(Dimensions::pixels), Some(320 * 240));
}

#[test]
fn a_file_is_what_its_bytes_and_its_name_say_together() {
    let gif = b"GIF89a\x10\x00\x20\x00 and so on".as_slice();
    let dimensions = inspected("a.gif", gif).unwrap().2.dimensions;
    assert_eq!(dimensions.map(Dimensions::pixels), Some(512));
    assert!(is_taken("a.gif", gif) && is_taken("A.GIF", gif));
    for wrong in ["a.png", "a.html", "a.gif.exe", "a.jpg"] {
        assert!(!is_taken(wrong, gif), "{wrong}");
    }
    assert!(is_taken("a.pdf", b"%PDF-1.4 pages"));
    assert!(!is_taken("a.pdf", b"<html>%PDF-1.4 no pages"));
    assert!(!is_taken("a.pdf", b""));

    let entry = |name: &[u8]| [b"PK\x03\x04".as_slice(), &[0; 26], name].concat();
    let listed = |name: &[u8]| [b"PK\x01\x02".as_slice(), &[0; 42], name].concat();
    let docx = [entry(b"[Content_Types].xml"), vec![0; 500], entry(b"word/document.xml")].concat();
    let streamed = [entry(b"_rels/.rels"), vec![0; 90], listed(b"word/document.xml")].concat();
    let xlsx = [entry(b"[Content_Types].xml"), entry(b"xl/workbook.xml")].concat();
    assert!(is_taken("a.docx", &docx) && is_taken("a.docx", &streamed));
    assert!(!is_taken("a.docx", &xlsx) && is_taken("a.xlsx", &xlsx) && !is_taken("a.xlsx", &docx));
    assert!(is_taken("a.zip", &xlsx) && !is_taken("a.doc", &docx));
    assert!(!is_taken(
        "a.docx",
        &[entry(b"readme.txt"), b"word/document.xml".to_vec()].concat()
    ));

    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let compound = |stream: &str| {
        let head = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        [head, vec![0; 600], utf16(stream), vec![0; 100]].concat()
    };
    assert!(is_taken("a.doc", &compound("WordDocument")) && is_taken("a.doc", &compound("")));
    assert!(!is_taken("a.doc", &compound("Workbook")) && !is_taken("a.doc", &compound("PowerPoint Document")));
}

#[test]
fn text_is_text_without_control_characters() {
    for text in ["plain", "a\tb\r\nc", "Grüße, 東京 🙂 and more of the same", "€"] {
        assert!(is_taken("a.txt", text.as_bytes()), "{text}");
        assert!(is_taken("a.csv", text.as_bytes()) && !is_taken("a.pdf", text.as_bytes()));
    }
    for other in [
        b"a\0b".as_slice(),
        b"\xFF\xFE",
        b"half \xE2\x82",
        b"bell \x07 and so on and on and on",
    ] {
        assert!(!is_taken("a.txt", other), "{other:?}");
    }
}

fn of_customer(samples: &Samples) -> (Ticket, CustomerId) {
    let customer = samples.customer().id;
    let ticket = Ticket {
        requester: Requester::Customer(customer),
        ..samples.ticket(samples.inbox().id)
    };
    (ticket, customer)
}

#[test]
fn a_loose_file_is_its_senders_and_one_with_a_message_is_the_conversations() {
    let samples = Samples::new();
    let (ticket, customer) = of_customer(&samples);
    let stranger = samples.customer().id;
    let agent = samples.agent();
    let message = samples.question(&ticket).id;
    let opens = |state: FileState, actor: &Actor, as_ref: ActorRef| {
        let file = File {
            uploader: ActorRef::Customer(customer),
            ticket: Some(ticket.id),
            state,
            ..samples.file()
        };
        file.is_open_to(actor, as_ref, Some(&ticket))
    };
    let own = (&Actor::Customer(customer), ActorRef::Customer(customer));
    let other = (&Actor::Customer(stranger), ActorRef::Customer(stranger));
    let team = (&Actor::Agent((&agent).into()), ActorRef::Agent(agent.id));
    let public = FileState::Attached {
        message,
        is_note: false,
    };
    let note = FileState::Attached { message, is_note: true };
    for (state, expected) in [
        (FileState::Arriving, [false, false, false]),
        (FileState::Loose, [true, false, false]),
        (public, [true, false, true]),
        (note, [false, false, true]),
        (FileState::Leaving, [false, false, false]),
    ] {
        let found = [own, other, team].map(|(actor, as_ref)| opens(state, actor, as_ref));
        assert_eq!(found, expected, "{state:?}");
    }
}

#[test]
fn a_message_carries_its_senders_own_loose_files_for_its_conversation() {
    let samples = Samples::new();
    let (ticket, customer) = of_customer(&samples);
    let elsewhere = samples.ticket(samples.inbox().id).id;
    let own = ActorRef::Customer(customer);
    let file = File {
        uploader: own,
        ..samples.file()
    };
    assert!(file.may_be_attached_by(own, ticket.id));
    let agent = ActorRef::Agent(AgentId::new(customer.uuid()));
    assert!(!file.may_be_attached_by(agent, ticket.id));
    let meant = File {
        ticket: Some(elsewhere),
        ..file.clone()
    };
    assert!(!meant.may_be_attached_by(own, ticket.id));
    let message = samples.question(&ticket).id;
    let attached = file.attached_to(ticket.id, message, false);
    assert!(!attached.may_be_attached_by(own, ticket.id));
}
