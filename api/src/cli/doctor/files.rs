//! The store of files, what should be in it, the scanner.

use std::collections::HashSet;

use chrono::TimeDelta;
use futures_util::TryStreamExt as _;
use voxpark_billing::uow::Database as _;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::platform::{Content, Waiting};
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Result};
use voxpark_infra::config::Config;
use voxpark_infra::db::Db;
use voxpark_infra::files::Files;
use voxpark_infra::secrets::system_env;

use super::{Failure, Report};

/// What is looked at.
const ABOUT: &str = "files";
/// Contents that are asked for together.
const PAGE: u64 = 1_000;
/// The most missing contents that are named.
const NAMED: usize = 3;
/// How long a file may wait for its scanner before somebody is told.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// Looks at the store, at what the rows say should be in it, and at the scanner.
pub(super) async fn look(config: &Config, db: &Db, report: &mut Report) {
    let env = system_env();
    let mend = match &config.bucket {
        None => "give `files` of the data folder to the user that runs voxpark",
        Some(_) => "look at files.s3.* (`voxpark config check`), the bucket and its permissions",
    };
    let files = match config.files(env.clone()) {
        Ok(files) => files,
        Err(e) => return report.bad(ABOUT, Failure::from(e).to_string(), mend),
    };
    if let Err(e) = files.probe().await {
        return report.bad(ABOUT, Failure::from(e).to_string(), mend);
    }
    match missing(db, &files, &env).await {
        Ok((contents, missing)) if missing.is_empty() => {
            report.good(ABOUT, format!("{files:?}: all of {contents} contents are there"));
        }
        Ok((contents, missing)) => {
            let first: Vec<String> = missing.iter().take(NAMED).map(|c| voxpark_domain::pack::hex(c)).collect();
            let seen = format!("{} of {contents} contents are missing: {}", missing.len(), first.join(", "));
            report.bad(ABOUT, seen, "bring them back from a backup: each lies under the first two digits of its name");
        }
        Err(e) => report.bad(ABOUT, Failure::from(e).to_string(), mend),
    }
    if let Some(scanner) = &config.scanner {
        match scanner.ping().await {
            Ok(()) => report.good("scanner", scanner.to_string()),
            Err(e) => report.bad("scanner", Failure::from(e).to_string(), "start clamd, or look at files.scan"),
        }
    }
    match waiting(db, &env).await {
        Ok(list) if list.is_empty() => {}
        Ok(list) => {
            let since = list.first().map(|w| w.since.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
            let seen = format!("files wait to be scanned, the first since {since}");
            report.warn("scanner", seen, "once the scanner is there, the nightly sweep of files has them looked at");
        }
        Err(e) => report.bad("scanner", Failure::from(e).to_string(), "look at the database"),
    }
}

async fn missing(db: &Db, files: &Files, env: &Env) -> Result<(usize, Vec<Content>)> {
    let there: HashSet<Content> = files.list().map_ok(|l| l.content).try_collect().await?;
    let ctx = Ctx::system(SystemReason::Diagnosis, env.clone());
    let tx = db.begin(&ctx, Mode::Read).await?;
    let (mut last, mut seen, mut missing) = (None, 0, Vec::new());
    loop {
        let page = tx.contents_after(last.as_ref(), PAGE).await?;
        seen += page.len();
        missing.extend(page.iter().filter(|c| !there.contains(*c)));
        match page.last() {
            Some(content) => last = Some(*content),
            None => return Ok((seen, missing)),
        }
    }
}

async fn waiting(db: &Db, env: &Env) -> Result<Vec<Waiting>> {
    let ctx = Ctx::system(SystemReason::Diagnosis, env.clone());
    db.begin(&ctx, Mode::Read).await?.files_waiting(env.now() - PATIENCE, 1).await
}
