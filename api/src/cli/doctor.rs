//! `voxpark doctor`: what is wrong with this installation, and how to mend it.

mod files;

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use chrono::{Datelike as _, TimeDelta};
use clap::Args;
use voxpark_billing::uow::Database as _;
use voxpark_domain::Ctx;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::time::Clock as _;
use voxpark_domain::uow::Mode;
use voxpark_infra::config::{Config, MailWay};
use voxpark_infra::db::{Db, DbOptions, audit};
use voxpark_infra::mail::Mailer;
use voxpark_infra::secrets::{SystemClock, system_env};

use super::failure::{Failure, Outcome, print};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Also send a test letter to this address
    #[arg(long, value_name = "ADDRESS")]
    send_test_mail: Option<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Warning,
    Bad,
}

/// What was looked at, what was seen, how to mend it.
struct Finding {
    state: State,
    about: &'static str,
    seen: String,
    mend: String,
}

#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn good(&mut self, about: &'static str, seen: impl Into<String>) {
        self.0.push(Finding { state: State::Good, about, seen: seen.into(), mend: String::new() });
    }
    fn warn(&mut self, about: &'static str, seen: impl Into<String>, mend: impl Into<String>) {
        self.0.push(Finding { state: State::Warning, about, seen: seen.into(), mend: mend.into() });
    }
    fn bad(&mut self, about: &'static str, seen: impl Into<String>, mend: impl Into<String>) {
        self.0.push(Finding { state: State::Bad, about, seen: seen.into(), mend: mend.into() });
    }
    fn text(&self) -> String {
        let mut text = String::new();
        for f in &self.0 {
            let mark = match f.state {
                State::Good => "ok   ",
                State::Warning => "warn ",
                State::Bad => "BAD  ",
            };
            let _ = writeln!(text, "{mark} {:<10} {}", f.about, f.seen);
            if !f.mend.is_empty() {
                let _ = writeln!(text, "      {:<10} -> {}", "", f.mend);
            }
        }
        text
    }
}

pub(super) async fn run(config: &Config, args: &Doctor) -> Outcome {
    let mut report = Report::default();
    clock(&mut report);
    disk(config, &mut report);
    key(config, &mut report);
    database(config, &mut report).await;
    mail(config, args, &mut report).await;
    fonts(&mut report);
    print(&report.text())?;
    match report.0.iter().filter(|f| f.state == State::Bad).count() {
        0 => Ok(()),
        n => Err(Failure::new(format!("{n} things must be mended"))),
    }
}

fn clock(report: &mut Report) {
    let now = SystemClock.now();
    if now.year() < 2026 {
        report.bad("clock", format!("it is {now}"), "set the clock of this machine (systemd-timesyncd or chrony)");
    } else {
        report.good("clock", format!("{}", now.format("%Y-%m-%d %H:%M:%S UTC")));
    }
}

fn disk(config: &Config, report: &mut Report) {
    let folder = &config.data_dir;
    let shown = folder.display();
    let Ok(meta) = std::fs::metadata(folder) else {
        return report.warn(
            "disk",
            format!("the data folder {shown} is not there yet"),
            "`voxpark migrate up` makes it",
        );
    };
    if meta.permissions().mode() & 0o077 != 0 {
        report.warn("disk", format!("others on this machine may look into {shown}"), format!("chmod 700 {shown}"));
    }
    let probe = folder.join(".probe");
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Err(e) => {
            report.bad("disk", format!("{shown} cannot be written: {e}"), "give it to the user that runs voxpark");
        }
        Ok(()) => match free_mib(folder) {
            Some(mib) if mib < 1024 => {
                report.warn("disk", format!("{mib} MiB are left in {shown}"), "make room: imports and backups need it");
            }
            Some(mib) => report.good("disk", format!("{shown} can be written, {mib} MiB are left")),
            None => report.good("disk", format!("{shown} can be written")),
        },
    }
}

/// Free space by `df` (POSIX), MiB.
fn free_mib(folder: &Path) -> Option<u64> {
    let out = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

fn key(config: &Config, report: &mut Report) {
    let path = config.key_file();
    if config.secret_key.is_some() {
        return report.good("key", "configured");
    }
    match std::fs::metadata(&path) {
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => report.bad(
            "key",
            format!("others on this machine may read {}", path.display()),
            format!("chmod 600 {}, and think of the key as known", path.display()),
        ),
        Ok(_) => match config.keys() {
            Ok(_) => report.good("key", format!("{}; keep a copy in a safe place", path.display())),
            Err(e) => report.bad("key", Failure::from(e).to_string(), "restore secret.key from its copy"),
        },
        Err(_) => report.warn("key", "none yet", "`voxpark migrate up` makes one"),
    }
}

async fn database(config: &Config, report: &mut Report) {
    const ABOUT: &str = "database";
    if let DbOptions::Sqlite { path } = &config.database
        && !path.exists()
    {
        return report.bad(ABOUT, format!("{} is not there", path.display()), "run `voxpark migrate up`");
    }
    let keys = match config.keys() {
        Ok(keys) => Arc::new(keys),
        // Told above.
        Err(_) => return,
    };
    let db = match Db::open(&config.database, keys).await {
        Ok(db) => db,
        Err(e) => {
            return report.bad(ABOUT, Failure::from(e).to_string(), "look at database.url (`voxpark config check`)");
        }
    };
    match audit::pending(&db).await {
        Err(e) => report.bad(ABOUT, Failure::from(e).to_string(), unreachable_mend(&config.database)),
        Ok(pending) => {
            if pending.is_empty() {
                report.good(
                    ABOUT,
                    if db.is_postgres() { "PostgreSQL, schema up to date" } else { "SQLite, schema up to date" },
                );
            } else {
                report.bad(ABOUT, format!("pending migrations: {}", pending.join(", ")), "run `voxpark migrate up`");
            }
            walls(&db, report).await;
            if pending.is_empty() {
                jobs(&db, report).await;
                files::look(config, &db, report).await;
            }
        }
    }
    db.close().await;
}

fn unreachable_mend(options: &DbOptions) -> String {
    match options {
        DbOptions::Sqlite { path } => format!("look at {} and its folder", path.display()),
        DbOptions::Postgres { role_prefix, .. } => format!(
            "is the server up; does pg_hba.conf let {role_prefix}_tenant, _park, _assessor and _system in by password; \
             after another secret_key run `voxpark migrate up`, which renews their passwords"
        ),
    }
}

async fn walls(db: &Db, report: &mut Report) {
    match audit::audit(db).await {
        Ok(findings) => {
            for f in &findings {
                if f.is_hole() {
                    report.bad("walls", &f.what, f.mend);
                } else {
                    report.warn("walls", &f.what, f.mend);
                }
            }
            if !findings.iter().any(audit::Finding::is_hole) {
                report.good("walls", "every table as its rule says");
            }
        }
        Err(e) => report.bad("walls", Failure::from(e).to_string(), "look at the database"),
    }
    match audit::server_clock(db).await {
        Ok(Some(there)) => {
            let apart = (SystemClock.now() - there).abs();
            if apart > TimeDelta::seconds(5) {
                let seen = format!("the clock of the database is {} seconds away", apart.num_seconds());
                report.warn("clock", seen, "let both machines keep time by the same source");
            }
        }
        Ok(None) => {}
        Err(e) => report.bad("clock", Failure::from(e).to_string(), "look at the database"),
    }
    match audit::damage(db).await {
        Ok(damage) => {
            for line in damage {
                report.bad("database", line, "stop the service and restore a backup");
            }
        }
        Err(e) => report.bad("database", Failure::from(e).to_string(), "stop the service and restore a backup"),
    }
}

/// Work that the worker tried in vain until it gave up; nobody else would notice.
async fn jobs(db: &Db, report: &mut Report) {
    let ctx = Ctx::system(SystemReason::Diagnosis, system_env());
    let given_up = async {
        let tx = db.begin(&ctx, Mode::Read).await?;
        tx.jobs_given_up().await
    };
    match given_up.await {
        Ok(kinds) if kinds.is_empty() => report.good("jobs", "none was given up"),
        Ok(kinds) => {
            let list: Vec<String> = kinds.iter().map(|(kind, n)| format!("{n} of {kind}")).collect();
            let mend = "the log of the worker says why; start the work again in the console once the cause is gone";
            report.warn("jobs", format!("given up: {}", list.join(", ")), mend);
        }
        Err(e) => report.bad("jobs", Failure::from(e).to_string(), "look at the database"),
    }
}

async fn mail(config: &Config, args: &Doctor, report: &mut Report) {
    const ABOUT: &str = "mail";
    let (place, mend) = match &config.mail.way {
        MailWay::Outbox(folder) => {
            (format!("outbox {}", folder.display()), "give the folder to the user that runs voxpark")
        }
        MailWay::Smtp(s) => (format!("{}:{}", s.host, s.port), "look at mail.smtp.* (`voxpark config check`)"),
    };
    let mailer = match Mailer::new(&config.mail) {
        Ok(mailer) => mailer,
        Err(e) => return report.bad(ABOUT, Failure::from(e).to_string(), mend),
    };
    match mailer.check().await {
        Ok(()) => report.good(ABOUT, place),
        Err(e) => report.bad(ABOUT, format!("{place}: {}", Failure::from(e)), mend),
    }
    if let Some(to) = &args.send_test_mail {
        let body = "This letter was sent by `voxpark doctor`. Mail works.\n";
        match mailer.send(to, "Voxpark test", body).await {
            Ok(()) => report.good(ABOUT, "the test letter is handed over"),
            Err(e) => report.bad(ABOUT, format!("the test letter: {}", Failure::from(e)), mend),
        }
    }
}

/// Printed and drawn Chinese needs a font that has it.
fn fonts(report: &mut Report) {
    const KNOWN: [&str; 3] = ["/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/local/share/fonts"];
    let listed = Command::new("fc-list").arg(":lang=zh").arg("family").output();
    let found = match listed {
        Ok(out) if out.status.success() => !out.stdout.is_empty(),
        _ => KNOWN
            .iter()
            .filter_map(|folder| std::fs::read_dir(folder).ok())
            .flatten()
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().contains("CJK")),
    };
    if found {
        report.good("fonts", "there is one with Chinese");
    } else {
        report.warn("fonts", "none with Chinese", "install one (Debian: apt-get install fonts-noto-cjk)");
    }
}
