//! What files are called.

use super::FileKind;

/// The longest name of a file, in characters.
pub const LONGEST_FILE_NAME: usize = 200;

/// What a file is called whose name holds nothing that can be kept.
const NAMELESS: &str = "file";

/// A name that can be shown and saved anywhere, from one that anybody made up: without folders,
/// control characters, signs that change the direction of writing, or signs that file systems
/// give a meaning to, and not too long. Its ending stays.
///
/// ```
/// use support_core::model::safe_file_name;
/// assert_eq!(safe_file_name("../../etc/passwd.png"), "passwd.png");
/// assert_eq!(safe_file_name("C:\\Users\\mara\\a\0b.pdf"), "ab.pdf");
/// assert_eq!(safe_file_name("..."), "file");
/// ```
#[must_use]
pub fn safe_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|character| !is_dropped(*character)).collect();
    let kept = kept.trim_matches(|character: char| character.is_whitespace() || character == '.');
    if kept.is_empty() {
        return NAMELESS.to_owned();
    }
    shortened(kept)
}

/// Control characters; what file systems or shells take for something else; what turns the
/// direction of writing, by which `gpj.exe` is made to look like `exe.jpg` (Unicode TR36 §3.2).
fn is_dropped(character: char) -> bool {
    character.is_control()
        || matches!(character, '<' | '>' | ':' | '"' | '|' | '?' | '*')
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST_FILE_NAME {
        return name.to_owned();
    }
    let ending = extension(name)
        .map(|extension| format!(".{extension}"))
        .unwrap_or_default();
    let room = LONGEST_FILE_NAME.saturating_sub(ending.chars().count());
    let start: String = name.chars().take(room).collect();
    format!("{}{ending}", start.trim_end_matches(['.', ' ']))
}

/// The ending of a name, if it is one that could say what the file is.
pub(super) fn extension(name: &str) -> Option<&str> {
    let (before, extension) = name.rsplit_once('.')?;
    let is_plain = (1..=10).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (!before.is_empty() && is_plain).then_some(extension)
}

/// The name with an ending that says what the file is, where it has none.
pub(super) fn with_extension(name: String, kind: FileKind) -> String {
    match (extension(&name), kind.extensions().first()) {
        (None, Some(usual)) => shortened(&format!("{name}.{usual}")),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        for (given, safe) in [
            ("photo.jpg", "photo.jpg"),
            ("Grüße aus Köln.pdf", "Grüße aus Köln.pdf"),
            ("../../../etc/cron.d/x.png", "x.png"),
            ("..\\..\\windows\\system32\\x.doc", "x.doc"),
            ("a\0.png", "a.png"),
            ("line\r\nSet-Cookie: x=1.png", "lineSet-Cookie x=1.png"),
            ("\u{202E}gnp.exe", "gnp.exe"),
            (".htaccess", "htaccess"),
            ("   ", "file"),
            ("", "file"),
            ("folder/", "file"),
            ("\"quoted\".gif", "quoted.gif"),
        ] {
            assert_eq!(safe_file_name(given), safe, "{given:?}");
        }
    }

    #[test]
    fn long_names_keep_their_ending() {
        let long = format!("{}.docx", "ä".repeat(300));
        let safe = safe_file_name(&long);
        assert_eq!(safe.chars().count(), LONGEST_FILE_NAME);
        assert!(safe.ends_with("ä.docx"), "{safe}");
        assert_eq!(safe_file_name(&"x".repeat(300)).len(), LONGEST_FILE_NAME);
    }

    #[test]
    fn a_name_without_an_ending_gets_one() {
        assert_eq!(with_extension("blob".to_owned(), FileKind::Png), "blob.png");
        assert_eq!(with_extension("v1.2 final".to_owned(), FileKind::Pdf), "v1.2 final.pdf");
        assert_eq!(with_extension("a.jpeg".to_owned(), FileKind::Jpeg), "a.jpeg");
    }
}
