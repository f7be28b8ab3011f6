//! Enumerations that have one name each, the same in Rust, SQL and on the wire.

/// A text that names no variant of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not one of: {known}")]
pub struct UnknownName {
    /// What was given.
    pub given: String,
    /// The names there are, separated by blanks.
    pub known: &'static str,
}

/// Declares an enumeration whose variants have a stored and wire name.
///
/// Derives the order of declaration, `as_str`, `ALL`, `Display`, `FromStr` and serde by name.
macro_rules! named {
    ($(#[$doc:meta])+ $name:ident { $($(#[$variant_doc:meta])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every variant, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in storage and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::model::UnknownName {
                        given: text.to_owned(),
                        known: concat!($($text, " ",)+).trim_ascii_end(),
                    }),
                }
            }
        }
    };
}

pub(crate) use named;
