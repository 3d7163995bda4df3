//! `voxpark demo`: everything for a first look.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Args;
use voxpark_domain::Ctx;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::permission::Audience;
use voxpark_domain::time::{Clock as _, Env};
use voxpark_domain::uow::Mode;
use voxpark_infra::config::Config;
use voxpark_infra::secrets::{SystemClock, SystemRandom};

use super::failure::{Failure, Outcome, print};
use super::{migrate, serve};
use crate::compose::{App, Parts};
use crate::demo::{self, DemoClock};

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address and port to serve on; loopback only
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// Says that the park is loaded, and since when its clock runs.
const MARK: &str = "demo";

pub(super) async fn run(mut config: Config, args: Demo) -> Outcome {
    if let Some(listen) = args.listen {
        config.listen = listen;
        config.public_url = format!("http://{listen}");
    }
    if !config.listen.ip().is_loopback() {
        return Err(Failure::new(
            "the demonstration has published passwords and is served on loopback only (--listen 127.0.0.1:8080)",
        ));
    }
    let mark = config.data_dir.join(MARK);
    let since = read_mark(&mark)?;
    // First of all the port: who finds it taken need not wait for a park to be loaded.
    let listener = serve::listen(&config).await?;
    migrate::up(&config).await?;
    let clock = DemoClock::running(Arc::new(SystemClock), since.unwrap_or_else(|| SystemClock.now()));
    let parts = Parts { env: Env::new(Arc::new(clock.clone()), Arc::new(SystemRandom)), ..Parts::system() };
    if since.is_none() {
        // The story is told by documents of its own, in the name of people who may not all send such.
        let telling = Config { documents: Audience::Everybody, ..config.clone() };
        let app = serve::open(telling, parts.clone()).await?;
        load(&app, &clock).await?;
        app.db.close().await;
        let now = SystemClock.now();
        clock.run_from_end(now);
        std::fs::write(&mark, format!("{}\n", now.to_rfc3339())).map_err(Failure::new)?;
    }
    let app = serve::open(config, parts).await?;
    print(&welcome(&listener.local_addr().map_err(Failure::new)?))?;
    serve::run(app, listener, true).await
}

async fn load(app: &App, clock: &DemoClock) -> Outcome {
    let ctx = Ctx::system(SystemReason::Provisioning, app.env().clone());
    let tx = app.api.services().db.begin(&ctx, Mode::Read).await?;
    if !tx.parks().await?.is_empty() {
        let folder = app.config.data_dir.display();
        return Err(Failure::new(format!(
            "the database holds a park that is not the whole demonstration: remove the folder {folder}, or choose another by VOXPARK_DATA_DIR"
        )));
    }
    drop(tx);
    print("Loading the demonstration park; this is done once ...\n")?;
    demo::load(app, clock).await?;
    Ok(())
}

fn read_mark(mark: &Path) -> Result<Option<DateTime<Utc>>, Failure> {
    match std::fs::read_to_string(mark) {
        Ok(text) => {
            let at = DateTime::parse_from_rfc3339(text.trim());
            Ok(Some(at.map_err(|e| Failure::new(format!("{}: {e}", mark.display())))?.to_utc()))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Failure::new(format!("{}: {e}", mark.display()))),
    }
}

fn welcome(listen: &SocketAddr) -> String {
    let mut text = format!(
        "\nVoxpark demonstration\n\n  console   http://{listen}/\n  GraphQL   http://{listen}/graphql (POST)\n\n  users, all with the password {}\n",
        demo::PASSWORD
    );
    for (who, name, role, tenant) in demo::USERS {
        let email = format!("{who}@demo.voxpark");
        let _ = writeln!(text, "    {email:<28} {:<20} {name} {}", role.name(), tenant.unwrap_or_default());
    }
    text.push_str("\nCtrl-C stops it; the next start takes up where this one ends.\n");
    text
}
