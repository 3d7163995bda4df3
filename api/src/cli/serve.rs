//! `voxpark serve` and `voxpark worker`.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use voxpark_graphql::Recorder;
use voxpark_infra::chains::Chains;
use voxpark_infra::config::Config;
use voxpark_infra::db::audit;

use super::failure::{Failure, Outcome};
use crate::compose::{App, Parts};
use crate::edge;

/// How long requests that are under way may take to end once the service was told to stop.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the counts of the audit log are looked at.
const COUNT_EVERY: Duration = Duration::from_secs(20);

pub(super) async fn serve(config: Config, worker: bool) -> Outcome {
    let app = open(config, Parts::system()).await?;
    let listener = listen(&app.config).await?;
    run(app, listener, worker).await
}

pub(super) async fn worker(config: Config) -> Outcome {
    let app = open(config, Parts::system()).await?;
    tracing::info!("working off background jobs");
    figures(&app).await?;
    let stop = stopped()?;
    app.runner().run(stop).await;
    seal(&app.chains()).await;
    app.db.close().await;
    Ok(())
}

/// Opens the installation, and refuses when its database is behind or its walls have a hole.
pub(super) async fn open(config: Config, parts: Parts) -> Result<App, Failure> {
    let app = App::open(config, parts).await?;
    let pending = audit::pending(&app.db).await?;
    if !pending.is_empty() {
        let list = pending.join(", ");
        return Err(Failure::new(format!("the schema is not up to date; run `voxpark migrate up` (pending: {list})")));
    }
    let findings = audit::audit(&app.db).await?;
    let (holes, remarks): (Vec<_>, Vec<_>) = findings.into_iter().partition(audit::Finding::is_hole);
    for remark in remarks {
        tracing::warn!("{remark}");
    }
    if !holes.is_empty() {
        let list: Vec<_> = holes.iter().map(|h| format!("  {h}")).collect();
        return Err(Failure::new(format!(
            "the walls between tenants have holes, so nothing is served (`voxpark doctor` says more):\n{}",
            list.join("\n")
        )));
    }
    Ok(app)
}

pub(super) async fn listen(config: &Config) -> Result<TcpListener, Failure> {
    TcpListener::bind(config.listen).await.map_err(|e| Failure::new(format!("cannot listen on {}: {e}", config.listen)))
}

/// Gives figures out, if that is configured.
async fn figures(app: &App) -> Outcome {
    let Some(at) = app.config.metrics else { return Ok(()) };
    let given = edge::figures(at, app.db.clone(), app.env().clone()).await;
    given.map_err(|e| Failure::new(format!("cannot give out figures on {at}: {e}")))
}

/// Serves until told to stop, then lets what is under way end.
pub(super) async fn run(app: App, listener: TcpListener, worker: bool) -> Outcome {
    let mut stop = stopped()?;
    let (db, recorder) = (app.db.clone(), app.api.recorder().clone());
    let counting = tokio::spawn(count(recorder.clone(), stop.clone()));
    let work = worker.then(|| (app.runner(), app.chains()));
    tracing::info!(listen = %listener.local_addr().map_err(Failure::new)?, "serving");
    figures(&app).await?;
    let graceful = {
        let (mut stop, stopping) = (stop.clone(), app.stopping.clone());
        async move {
            let _ = stop.changed().await;
            stopping.cancel();
        }
    };
    let hearing = tokio::spawn({
        let db = app.db.clone();
        async move { db.hear_others().await }
    });
    let server = tokio::spawn(
        axum::serve(listener, edge::router(app).into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(graceful)
            .into_future(),
    );
    match work {
        // Ends, with its jobs, once it is told to stop.
        Some((runner, chains)) => {
            runner.run(stop).await;
            seal(&chains).await;
        }
        None => drop(stop.changed().await),
    }
    tracing::info!("stopping");
    if tokio::time::timeout(PATIENCE, server).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    hearing.abort();
    drop(counting.await);
    if let Err(error) = recorder.flush(true).await {
        tracing::error!(%error, "counts of the audit log are lost");
    }
    db.close().await;
    Ok(())
}

/// Seals what was written since the last time: nobody may do so for long.
async fn seal(chains: &Chains) {
    if let Err(error) = chains.seal_all().await {
        tracing::error!(%error, "audit logs cannot be sealed");
    }
}

/// Writes the counts of the audit log as their minutes end, until told to stop.
async fn count(recorder: Recorder, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(COUNT_EVERY) => {}
            _ = stop.changed() => {}
        }
        if let Err(error) = recorder.flush(false).await {
            tracing::error!(%error, "counts of the audit log cannot be written");
        }
    }
}

/// Changes once the process is told to stop: Ctrl-C or a termination signal.
fn stopped() -> Result<watch::Receiver<bool>, Failure> {
    let (tell, told) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::new)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        let _ = tell.send(true);
        // The sender stays, so that nobody takes its end for a signal; a second Ctrl-C ends the process at once.
        let _ = tokio::signal::ctrl_c().await;
        std::process::exit(130);
    });
    Ok(told)
}
