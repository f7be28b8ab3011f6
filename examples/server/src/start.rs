//! Putting the parts together.

use std::{io, sync::Arc};

use support_bus::{RedisBus, RedisBusSettings};
use support_core::{
    desk::{Desk, DeskError, DeskSettings},
    model::Secret,
    ports::{EventBus, InProcessBus, RandomIds, StoreError},
};
use support_files::{Clamd, ObjectFiles, Thumbnails};
use support_http::SupportState;
use tokio::net::TcpListener;

use crate::{
    channels, faces,
    first_articles::first_articles,
    first_start,
    settings::{FilesPlace, SecretsError, SettingError, Settings, prepare_data_folder},
    store::OpenStore,
};

/// Why the server, or a command, could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A setting can't be used.
    #[error("{0}")]
    Setting(#[from] SettingError),
    /// The port can't be had.
    #[error("{name}: {address}: {error}")]
    Port {
        /// The setting that names it.
        name: &'static str,
        /// The port.
        address: std::net::SocketAddr,
        /// What is wrong with it.
        error: io::Error,
    },
    /// The data folder can't be used.
    #[error("{0}")]
    DataFolder(#[from] SecretsError),
    /// The database can't be used.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] StoreError),
    /// A use case refused.
    #[error("{}", told(.0))]
    Desk(#[from] DeskError),
    /// What a command was told about doesn't exist.
    #[error("{0}")]
    Missing(String),
    /// The system refused something.
    #[error("{0}")]
    System(#[from] io::Error),
}

/// Every bad field with what is wrong about it, in one line.
fn told(error: &DeskError) -> String {
    let DeskError::Invalid(fields) = error else {
        return error.to_string();
    };
    let fields = fields.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message));
    fields.collect::<Vec<_>>().join("; ")
}

/// A desk over the store that the settings name.
pub(crate) struct Opened {
    pub store: OpenStore,
    pub desk: Desk,
}

/// Opens the store, which brings its schema up to date, and builds the desk over it, for a
/// command that is done in a moment: other nodes see what it did without being told.
///
/// # Errors
/// [`Failure`] when the data folder or the database can't be used.
pub(crate) async fn open(settings: &Settings) -> Result<Opened, Failure> {
    let public_url = settings.public_url.clone();
    let public_url = public_url.unwrap_or_else(|| format!("http://{}", settings.listen));
    open_with(settings, Arc::new(InProcessBus::new()), &public_url).await
}

async fn open_with(settings: &Settings, bus: Arc<dyn EventBus>, public_url: &str) -> Result<Opened, Failure> {
    prepare_data_folder(settings)?;
    let store = OpenStore::open(settings).await?;
    let desk = Desk::builder_over(store.stores()).bus(bus).settings(DeskSettings {
        presence_timeout: settings.presence_timeout,
        ..DeskSettings::default()
    });
    let desk = match &settings.files.clamd {
        Some(address) => desk.file_scanner(Arc::new(Clamd::at(address.clone()))),
        None => desk,
    };
    let desk = channels::equip(desk, settings, public_url)?
        .file_store(Arc::new(file_store(&settings.files.place)?))
        .thumbnailer(Arc::new(Thumbnails::new()))
        .uploads(settings.files.uploads.clone())
        .first_articles(first_articles())
        .build();
    Ok(Opened { store, desk })
}

/// What keeps the bytes of files.
fn file_store(place: &FilesPlace) -> Result<ObjectFiles, Failure> {
    let kept = match place {
        FilesPlace::Folder(folder) => ObjectFiles::in_folder(folder),
        FilesPlace::Bucket(bucket) => ObjectFiles::in_bucket(bucket.clone()),
    };
    kept.map_err(|error| SettingError::about("FILES_URL", &error).into())
}

/// What carries events between the nodes that the settings speak of.
fn bus(settings: &Settings) -> Arc<dyn EventBus> {
    match &settings.redis {
        Some(url) => Arc::new(RedisBus::connect_with(url, &RedisBusSettings::default())),
        None => Arc::new(InProcessBus::new()),
    }
}

/// A server that only has to be served.
pub(crate) struct Ready {
    pub store: OpenStore,
    pub support: SupportState,
    pub listener: TcpListener,
    pub metrics: Option<TcpListener>,
    /// The first admin's password, when it was generated just now.
    pub admin_password: Option<Secret>,
}

/// Makes everything ready to be served: ports, secrets, store, desk, what a first start needs.
///
/// # Errors
/// [`Failure`] for whatever is in the way.
pub(crate) async fn ready(settings: &Settings) -> Result<Ready, Failure> {
    let listener = bind("LISTEN_ADDR", settings.listen).await?;
    let metrics = match settings.metrics {
        Some(address) => Some(bind("METRICS_ADDR", address).await?),
        None => None,
    };
    let public_url = match &settings.public_url {
        Some(url) => url.clone(),
        None => format!("http://{}", listener.local_addr()?),
    };
    let tokens = faces::tokens(settings, &RandomIds)?;
    let Opened { store, desk } = open_with(settings, bus(settings), &public_url).await?;
    let admin_password = first_start::prepare(&desk, &settings.admin, settings.operator.as_ref()).await?;
    if settings.secrets_keys.as_ref().is_some_and(|keys| keys.len() > 1) {
        let resealed = desk.reseal_secrets().await?;
        tracing::info!(
            tenants = resealed,
            "secrets are encrypted with the first key of SECRETS_KEY"
        );
    }
    let support = SupportState::new(desk, faces::http_settings(settings, tokens, public_url));
    Ok(Ready {
        store,
        support,
        listener,
        metrics,
        admin_password,
    })
}

async fn bind(name: &'static str, address: std::net::SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| Failure::Port { name, address, error })
}
