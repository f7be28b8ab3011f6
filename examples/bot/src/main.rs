//! `cargo run -p bot`, then ask the bot something at <http://127.0.0.1:3000>, and take over at
//! <http://127.0.0.1:3000/console> as Mara.

use std::{error::Error, future::pending, net::SocketAddr, sync::Arc};

use bot::{ARTICLES, ShopBot, app, open_shop};
use support_core::{
    desk::Desk,
    workers::{run_deliveries, run_sweeps},
};
use support_store_sqlite::{SqliteConfig, SqliteStore};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = SqliteStore::open(SqliteConfig::new("shop.db")).await?;
    let bot = Arc::new(ShopBot::reading(ARTICLES)?);
    let desk = Desk::builder(store).responder(bot).build();
    open_shop(&desk).await?;
    // The one asks the bot; the other leaves to people what it had when its node died.
    tokio::spawn(run_deliveries(desk.clone(), pending()));
    tokio::spawn(run_sweeps(desk.clone(), pending()));

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let app = app(desk)?.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}
