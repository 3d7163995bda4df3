//! The product as a browser sees it: everything it serves, on a loopback port, with its worker.

use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use voxpark::compose::{App, Parts};
use voxpark::edge;
use voxpark_infra::config;
use voxpark_infra::secrets::Argon;

use crate::Backend;
use crate::app::{World, keys};

/// A [`World`] that is served. The clock stays in the test's hand.
#[derive(Debug)]
pub struct Site {
    /// Where it is: `http://127.0.0.1:...`, without a slash at its end.
    pub url: String,
    /// Ends what streams, as the service does when it is told to stop.
    pub stopping: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    _stop: watch::Sender<bool>,
    /// The same installation as its API; data of a test comes in here.
    pub world: World,
}

impl Site {
    /// Serves a new world.
    ///
    /// # Panics
    /// When it cannot be put together or there is no port.
    pub async fn open(backend: Backend) -> Self {
        Self::with(backend, true, &[]).await
    }

    /// With or without somebody who works off jobs, and with more settings.
    ///
    /// # Panics
    /// When it cannot be put together or there is no port.
    pub async fn with(backend: Backend, worker: bool, more: &[(&str, &str)]) -> Self {
        Self::serve(World::new(backend).await, "127.0.0.1", worker, more).await
    }

    /// At `http://localhost:...`, and knowing that it is there: what a browser takes for a safe place.
    ///
    /// # Panics
    /// When it cannot be put together or there is no port.
    pub async fn local(world: World, more: &[(&str, &str)]) -> Self {
        Self::serve(world, "localhost", true, more).await
    }

    async fn serve(world: World, host: &str, worker: bool, more: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{host}:{}", listener.local_addr().expect("an address").port());
        let folder = world.data_dir().display().to_string();
        let public = ("VOXPARK_PUBLIC_URL", url.as_str());
        let settings = [("VOXPARK_DATA_DIR", folder.as_str())];
        let settings = settings
            .iter()
            .chain((host == "localhost").then_some(&public))
            .chain(more)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = config::load_from(None, Path::new("/nowhere"), settings).expect("the defaults").config;
        let parts = Parts { env: world.env.clone(), passwords: Arc::new(Argon::with(64, 1)) };
        let app = App::over(world.db.clone(), &keys(), config, parts).expect("an installation");
        let (stop, stopped) = watch::channel(false);
        let stopping = app.stopping.clone();
        let runner = app.runner();
        let serve = async move { axum::serve(listener, edge::router(app)).await.expect("serves to the end") };
        let mut tasks = vec![tokio::spawn(serve)];
        if worker {
            tasks.push(tokio::spawn(async move { runner.run(stopped).await }));
        }
        Self { url, stopping, tasks, _stop: stop, world }
    }

    /// The address of a page.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
