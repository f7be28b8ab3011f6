//! What a file may be.

use crate::model::named;

named! {
    /// What a file is, as its bytes tell.
    FileKind {
        /// A photograph.
        Jpeg = "jpeg",
        /// A picture without losses.
        Png = "png",
        /// A picture that may move.
        Gif = "gif",
        /// A picture for the web.
        Webp = "webp",
        /// Pages.
        Pdf = "pdf",
        /// Words of Word until 2003.
        Doc = "doc",
        /// Words of Word since 2007.
        Docx = "docx",
        /// Tables of Excel since 2007.
        Xlsx = "xlsx",
        /// Slides of PowerPoint since 2007.
        Pptx = "pptx",
        /// Anything packed together.
        Zip = "zip",
        /// Plain text.
        Txt = "txt",
        /// Tables as text.
        Csv = "csv",
        /// A drawing, which may hold scripts.
        Svg = "svg",
        /// A page, which may hold scripts.
        Html = "html",
    }
}

impl FileKind {
    /// What is accepted unless it is settled otherwise.
    pub const USUAL: &'static [Self] = &[
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::Webp,
        Self::Pdf,
        Self::Doc,
        Self::Docx,
    ];

    /// The media type (IANA's registry).
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Doc => "application/msword",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Zip => "application/zip",
            Self::Txt => "text/plain",
            Self::Csv => "text/csv",
            Self::Svg => "image/svg+xml",
            Self::Html => "text/html",
        }
    }

    /// How names of such files end, the usual ending first.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Doc => &["doc"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Zip => &["zip"],
            Self::Txt => &["txt", "text", "log", "md"],
            Self::Csv => &["csv"],
            Self::Svg => &["svg"],
            Self::Html => &["html", "htm", "xhtml"],
        }
    }

    /// The kind that a name's ending speaks of.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_ascii_lowercase();
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.extensions().contains(&extension.as_str()))
    }

    /// The kind that people mean by a name, an ending or a media type, such as `jpg`, `.pdf` or
    /// `image/png`.
    #[must_use]
    pub fn meant_by(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let mut all = Self::ALL.iter().copied();
        let by_type = all.find(|kind| kind.content_type() == text);
        by_type.or_else(|| Self::of_extension(text.strip_prefix('.').unwrap_or(&text)))
    }

    /// What the small picture of such an image is; nothing for what is no image.
    #[must_use]
    pub const fn of_thumbnail(self) -> Option<Self> {
        match self {
            Self::Jpeg => Some(Self::Jpeg),
            Self::Png | Self::Gif | Self::Webp => Some(Self::Png),
            _ => None,
        }
    }

    /// Whether it is a picture without scripts, which browsers may show within a page.
    #[must_use]
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp)
    }
}
