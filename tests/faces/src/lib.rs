//! The reference server seen from outside: over real HTTP, server-sent events and WebSockets, on SQLite and on
//! PostgreSQL, with nothing known of it but its documentation.
//!
//! A test is an `async fn` that takes the [`Kind`] of store; [`on_both_stores!`] makes two tests of it.

mod shape;
mod socket;
mod stream;
mod upload;
mod world;

pub use shape::{fields_of, has_fields, is_time, is_uuid, refused, refused_fields};
pub use socket::{Heard, Socket};
pub use stream::{Event, Events};
pub use upload::{Got, fetch, form, form_with_file_first, got, pdf, png, sending};
pub use world::{Chat, Kind, Person, Request, TenantWorld, World, id_of, text_of};

/// Makes of each function a test on SQLite and one on PostgreSQL.
#[macro_export]
macro_rules! on_both_stores {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::Kind::Sqlite).await;
                }
            )+
        }
        mod postgresql {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::Kind::Postgres).await;
                }
            )+
        }
    };
}
