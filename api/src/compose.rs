//! The only place that knows which adapter stands behind which port.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use tracing::field::Empty;
use voxpark_domain::Result;
use voxpark_domain::identity::Passwords;
use voxpark_domain::time::Env;
use voxpark_graphql::{Allowance, Answer, Api, Call, Limits, Services};
use voxpark_infra::chains::Chains;
use voxpark_infra::config::Config;
use voxpark_infra::db::Db;
use voxpark_infra::drawings::Drawings;
use voxpark_infra::files::{Filing, ScanJob, Signed, Sweeper};
use voxpark_infra::intake::Intake;
use voxpark_infra::jobs::{Handler, Runner};
use voxpark_infra::mail::{Mailer, Postman, RequestNotices};
use voxpark_infra::oidc;
use voxpark_infra::passkeys::RelyingParty;
use voxpark_infra::platform::PlatformBills;
use voxpark_infra::runs::{BillingRuns, Repricings};
use voxpark_infra::secrets::{Argon, Keys, system_env};
use voxpark_infra::tables::Tables;
use voxpark_infra::telemetry::metrics::metrics;
use voxpark_infra::tokens::{Jwt, KeySettings};

use crate::printing::InvoiceEnclosures;

/// What tests put something else in place of.
#[derive(Clone)]
pub struct Parts {
    /// Clock and randomness.
    pub env: Env,
    /// Password hashing.
    pub passwords: Arc<dyn Passwords>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts")
    }
}

impl Parts {
    /// Those of a running installation.
    pub fn system() -> Self {
        Self { env: system_env(), passwords: Arc::new(Argon::new()) }
    }
}

/// The installation, put together.
#[derive(Clone, Debug)]
pub struct App {
    /// What can be asked.
    pub api: Api,
    /// The database.
    pub db: Db,
    /// Files and their bytes.
    pub filing: Filing,
    /// How it is configured.
    pub config: Arc<Config>,
    /// What signs access tokens.
    pub tokens: Arc<Jwt>,
    /// Told to stop: what streams ends.
    pub stopping: CancellationToken,
    keys: Arc<Keys>,
    mailer: Mailer,
}

impl App {
    /// Puts the configured installation together. Connections are made when first used.
    ///
    /// # Errors
    /// An internal error when the key or the database cannot be opened.
    pub async fn open(config: Config, parts: Parts) -> Result<Self> {
        let keys = Arc::new(config.keys()?);
        let db = Db::open(&config.database, Arc::clone(&keys)).await?;
        Self::over(db, &keys, config, parts)
    }

    /// The same over a database that is open already.
    ///
    /// # Errors
    /// An internal error when mail cannot be set up.
    pub fn over(db: Db, keys: &Keys, config: Config, parts: Parts) -> Result<Self> {
        let files = config.files(parts.env.clone())?;
        let filing = Filing::new(Arc::new(db.clone()), files.clone(), config.scanner.clone(), parts.env.clone());
        let keys = Arc::new(keys.clone());
        let issuer = KeySettings::new(&config.public_url, config.key_days);
        let tokens = Arc::new(Jwt::new(db.clone(), parts.env.clone(), issuer));
        let services = Services {
            db: Arc::new(db.clone()),
            tokens: Arc::<Jwt>::clone(&tokens),
            passwords: parts.passwords,
            passkeys: Arc::new(RelyingParty::new(&config.public_url)),
            oidc: {
                let (url, settings) = (&config.public_url, &config.oidc);
                let (provider, authorities) = (settings.provider.clone(), settings.ca_file.as_deref());
                Arc::new(oidc::Client::new(parts.env.clone(), url, provider, settings.private, authorities)?)
            },
            tables: Arc::new(Tables::new(Arc::new(files.clone()))),
            drawings: Arc::new(Drawings::new(Arc::new(files))),
            links: Arc::new(Signed::new(Arc::clone(&keys))),
            env: parts.env,
            news: {
                let news = db.news().clone();
                Arc::new(move || news.listen())
            },
        };
        let limits = Limits {
            depth: config.max_depth,
            complexity: config.max_complexity,
            introspection: config.introspection,
            ad_hoc: config.documents,
            allowance: Allowance { burst: config.points.0, per_second: config.points.1 },
            ..Limits::default()
        };
        let known = voxpark_console::documents().iter().map(|(_, document)| *document);
        Ok(Self {
            api: Api::new(services, limits, known),
            tokens,
            stopping: CancellationToken::new(),
            db,
            filing,
            mailer: Mailer::new(&config.mail)?,
            config: Arc::new(config),
            keys,
        })
    }

    /// Runs one query or change, counted and timed by its operation.
    pub async fn ask(&self, call: Call) -> Answer {
        let span = tracing::info_span!("graphql", operation = Empty, outcome = Empty, statements = Empty);
        let began = Instant::now();
        let answer = self.api.execute(call).instrument(span.clone()).await;
        let (operation, outcome) = (&*answer.operation, answer.outcome());
        span.record("operation", operation).record("outcome", outcome).record("statements", answer.statements);
        metrics().operation(operation, outcome, answer.statements, began.elapsed());
        answer
    }

    /// What works off background jobs: one handler a kind.
    pub fn runner(&self) -> Runner {
        Runner::new(Arc::new(self.db.clone()), self.env().clone(), self.handlers(), self.db.wake())
    }

    /// The chains of the audit log.
    pub fn chains(&self) -> Chains {
        Chains::new(self.db.clone(), self.env().clone(), Arc::clone(&self.keys))
    }

    /// What bills parks for the operator.
    pub fn platform_bills(&self) -> PlatformBills {
        PlatformBills::new(Arc::new(self.db.clone()), self.config.operator.clone())
    }

    /// One handler a kind of job.
    fn handlers(&self) -> Vec<Arc<dyn Handler>> {
        let (db, files) = (Arc::new(self.db.clone()), self.filing.files().clone());
        let (mail, url) = (&self.config.mail, self.config.public_url.clone());
        vec![
            Arc::new(Intake::new(self.db.clone(), Arc::new(files.clone()), Arc::clone(&self.keys))),
            Arc::new(Postman::new(
                db.clone(),
                self.mailer.clone(),
                url,
                mail.per_minute,
                Arc::new(InvoiceEnclosures(db.clone())),
            )),
            Arc::new(RequestNotices(db.clone())),
            Arc::new(ScanJob(self.filing.clone())),
            Arc::new(BillingRuns::new(db.clone())),
            Arc::new(Repricings::new(db.clone())),
            Arc::new(self.platform_bills()),
            Arc::new(Sweeper::new(db, files, self.env().clone())),
            Arc::new(self.chains()),
        ]
    }

    /// Clock and randomness.
    pub fn env(&self) -> &Env {
        &self.api.services().env
    }
}
