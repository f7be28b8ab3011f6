//! A shop's own application with customer support in it, and a bot that answers before its people.

mod shop_bot;

use std::error::Error;

use axum::{Router, response::Html, routing::get};
use support_core::{
    desk::{Desk, DeskError, FirstAdmin, NewTenant, Scope},
    model::TenantId,
};
use support_http::{HttpSettings, JwtSettings, SupportState};

pub use shop_bot::{CLOSED, HANDING_OVER, PUZZLED, ShopBot};

/// What the shop's bot knows, to be read by [`ShopBot::reading`].
pub const ARTICLES: &str = include_str!("../articles.toml");
const HOME: &str = "<h1>The Shop</h1><script src=/widget.js data-tenant=shop async></script>";

/// The shop's own page, and customer support for everything else.
///
/// # Errors
/// When the secret that logins are signed with can't be used.
pub fn app(desk: Desk) -> Result<Router, Box<dyn Error>> {
    // Made anew at every start, so that all have to log in again. A real shop keeps its own.
    let jwt = JwtSettings::new(desk.ids().secret("").reveal())?;
    let support = support_http::router(SupportState::new(desk, HttpSettings::new(jwt)));
    Ok(Router::new()
        .route("/", get(|| async { Html(HOME) }))
        .fallback_service(support))
}

/// The shop as a tenant, with Mara as its admin, unless an earlier start has made it.
///
/// # Errors
/// When it can't be stored.
pub async fn open_shop(desk: &Desk) -> Result<(), DeskError> {
    let shop = NewTenant {
        slug: "shop".to_owned(),
        name: "The Shop".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        domains: Vec::new(),
        admin: FirstAdmin {
            name: "Mara".to_owned(),
            email: "mara@localhost".to_owned(),
            password: "correct horse".to_owned(),
        },
    };
    let installation = Scope::system(TenantId::new(desk.ids().uuid()));
    match desk.create_tenant(&installation, shop).await {
        Ok(_) | Err(DeskError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
