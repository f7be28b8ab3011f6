//! A shop's own axum application with customer support in it: `cargo run -p embed`, then open
//! <http://127.0.0.1:3000> as a customer and <http://127.0.0.1:3000/console> as Mara.

use std::{error::Error, future::pending, net::SocketAddr};

use axum::{Router, response::Html, routing::get};
use support_core::{
    desk::{Desk, DeskError, FirstAdmin, NewTenant, Scope},
    model::TenantId,
    workers::run_sweeps,
};
use support_http::{HttpSettings, JwtSettings, SupportState};
use support_store_sqlite::{SqliteConfig, SqliteStore};
use tokio::net::TcpListener;

/// The shop's own page; one line of it is customer support.
const HOME: &str = "<h1>The Shop</h1><script src=/widget.js data-tenant=shop async></script>";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = SqliteStore::open(SqliteConfig::new("shop.db")).await?;
    let desk = Desk::builder(store).build();
    open_shop(&desk).await?;
    tokio::spawn(run_sweeps(desk.clone(), pending()));

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let app = app(desk)?.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}

/// The shop's own routes first; customer support answers everything else.
fn app(desk: Desk) -> Result<Router, Box<dyn Error>> {
    // Made anew at every start, so that all have to log in again. A real shop keeps its own.
    let jwt = JwtSettings::new(desk.ids().secret("").reveal())?;
    let support = support_http::router(SupportState::new(desk, HttpSettings::new(jwt)));
    Ok(Router::new()
        .route("/", get(|| async { Html(HOME) }))
        .fallback_service(support))
}

/// The shop as a tenant, with Mara as its admin, unless an earlier start has made it.
async fn open_shop(desk: &Desk) -> Result<(), DeskError> {
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use axum::{
        body::Body,
        extract::ConnectInfo,
        http::{Request, StatusCode},
    };
    use support_core::memory::MemoryStore;
    use tower::ServiceExt;

    use super::*;

    async fn answer(app: &Router, path: &str) -> StatusCode {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        let customer: SocketAddr = "127.0.0.1:1".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(customer));
        app.clone().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn the_shop_and_customer_support_answer_side_by_side() {
        let desk = Desk::builder(MemoryStore::new()).build();
        for _ in 0..2 {
            open_shop(&desk).await.unwrap();
        }
        let app = app(desk).unwrap();
        for path in ["/", "/healthz", "/readyz", "/widget.js", "/console"] {
            assert_eq!(answer(&app, path).await, StatusCode::OK, "{path}");
        }
        assert_eq!(answer(&app, "/nothing-here").await, StatusCode::NOT_FOUND);
    }
}
