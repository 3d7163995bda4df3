//! The product as a test sees it: the whole API over a database of its own, with the clock in the test's hand.
//!
//! [`World`] holds two parks. Park A has the tenants `a1` and `a2`, park B has `b1`; everybody's password is
//! [`PASSWORD`] and everybody is named by a short word (see [`PEOPLE`]).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use voxpark::printing::InvoiceEnclosures;
use voxpark_billing::parties::PartyDraft;
use voxpark_billing::uow::{Database as _, Tx};
use voxpark_domain::ctx::{Actor, Lang, SystemReason};
use voxpark_domain::identity::{Abilities, Client, Grant, Passwords as _, Region, STATEMENT};
use voxpark_domain::ids::{Id, ParkId, TenantId, UserId};
use voxpark_domain::money::Currency;
use voxpark_domain::permission::Role;
use voxpark_domain::tenancy::{Park, Tenant};
use voxpark_domain::time::{Clock, Env, Random};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Scope};
use voxpark_graphql::{Allowance, Answer, Api, Call, Limits, Services};
use voxpark_infra::config::{Mail, MailWay};
use voxpark_infra::db::{Db, DbOptions, bootstrap, migrate_up};
use voxpark_infra::drawings::Drawings;
use voxpark_infra::files::{Files, Filing, ScanJob, Signed, Upload};
use voxpark_infra::intake::Intake;
use voxpark_infra::jobs::{Handler, Runner};
use voxpark_infra::mail::{Mailer, Postman, RequestNotices};
use voxpark_infra::oidc;
use voxpark_infra::passkeys::RelyingParty;
use voxpark_infra::platform::PlatformBills;
use voxpark_infra::runs::{BillingRuns, Repricings};
use voxpark_infra::secrets::{Argon, Keys};
use voxpark_infra::tables::Tables;
use voxpark_infra::tokens::{Jwt, KeySettings};

use crate::tools::TempDir;
use crate::{Backend, Database};

/// Everybody's password.
pub const PASSWORD: &str = "a long test password";

/// Who there is: name, role, park (`a` or `b`), tenant, or the tenant a grant is on.
pub const PEOPLE: &[(&str, Role, char, Option<&str>)] = &[
    ("park", Role::ParkAdministrator, 'a', None),
    ("finance", Role::ParkFinance, 'a', None),
    ("a1", Role::TenantManager, 'a', Some("a1")),
    ("a1-leader", Role::TeamLeader, 'a', Some("a1")),
    ("a1-hr", Role::HumanResources, 'a', Some("a1")),
    ("a1-finance", Role::TenantFinance, 'a', Some("a1")),
    ("a1-agent", Role::Agent, 'a', Some("a1")),
    ("a2", Role::TenantManager, 'a', Some("a2")),
    ("assessor", Role::Assessor, 'a', Some("a1")),
    ("late-assessor", Role::Assessor, 'a', Some("a1")),
    ("other-park", Role::ParkAdministrator, 'b', None),
    ("b1", Role::TenantManager, 'b', Some("b1")),
    ("other-assessor", Role::Assessor, 'b', Some("b1")),
    ("operator", Role::PlatformOperator, 'a', None),
];

/// The instant every world starts at: 21 November 2026, 10:00 in Shanghai.
pub fn start() -> DateTime<Utc> {
    "2026-11-21T02:00:00Z".parse().expect("an instant")
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<DateTime<Utc>>>);

impl TestClock {
    /// Moves it.
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().expect("nobody panics in here") += by;
    }
    /// Sets it.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().expect("nobody panics in here") = to;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("nobody panics in here")
    }
}

/// Repeatable bytes: SplitMix64 from a seed.
#[derive(Debug)]
pub struct TestRandom(Mutex<u64>);

impl TestRandom {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Random for TestRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().expect("nobody panics in here");
        for chunk in buffer.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(z.to_le_bytes().split_at(chunk.len()).0);
        }
    }
}

/// Cheap hashing, so that a test does not spend its time on passwords.
fn argon() -> Argon {
    Argon::with(64, 1)
}

/// The keys of every test installation.
pub fn keys() -> Arc<Keys> {
    Arc::new(Keys::new([7; 32]))
}

/// What issues tokens here and where a test serves the same database: `public_url` as it is when nobody says.
pub const ISSUER: &str = "http://127.0.0.1:8080";

/// The same as the product is configured with.
pub fn secret_key() -> String {
    "07".repeat(32)
}

/// Where a test database is, as the product configures it.
pub fn options(database: &Database) -> DbOptions {
    match database {
        Database::Sqlite(db) => DbOptions::Sqlite { path: db.path() },
        Database::Postgres(db) => DbOptions::Postgres { url: db.address(), role_prefix: "voxpark".to_owned(), pool: 8 },
    }
}

fn options_of_url(url: &str) -> DbOptions {
    match url.strip_prefix("sqlite://") {
        Some(rest) => DbOptions::Sqlite { path: rest.split('?').next().unwrap_or(rest).into() },
        None => DbOptions::Postgres { url: url.to_owned(), role_prefix: "voxpark".to_owned(), pool: 1 },
    }
}

/// The parks and tenants, the same ids in every world.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    /// Park A.
    pub park_a: ParkId,
    /// Park B.
    pub park_b: ParkId,
    /// First tenant of park A.
    pub a1: TenantId,
    /// Second tenant of park A.
    pub a2: TenantId,
    /// The tenant of park B.
    pub b1: TenantId,
}

fn fixed<I: Id>(n: u128) -> I {
    I::from_uuid(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n))
}

impl Ids {
    fn new() -> Self {
        Self { park_a: fixed(0xa), park_b: fixed(0xb), a1: fixed(0xa1), a2: fixed(0xa2), b1: fixed(0xb1) }
    }
    /// A tenant by its short name.
    pub fn tenant(&self, name: &str) -> TenantId {
        match name {
            "a1" => self.a1,
            "a2" => self.a2,
            _ => self.b1,
        }
    }
    /// A park by its letter.
    pub fn park(&self, letter: char) -> ParkId {
        if letter == 'a' { self.park_a } else { self.park_b }
    }
}

/// The machine everybody sits at.
pub fn client() -> Client {
    Client { agent: Some("Firefox/140.0 (Windows)".to_owned()), address: "192.0.2.7".parse().ok() }
}

/// The mail address of somebody.
pub fn email(who: &str) -> String {
    format!("{who}@example.test")
}

/// The user id of somebody.
pub fn user(who: &str) -> UserId {
    let n = PEOPLE.iter().position(|p| p.0 == who).expect("somebody of PEOPLE");
    fixed(0x1000 + n as u128)
}

/// A database migrated and filled with the parks, tenants and people.
pub async fn database(backend: Backend) -> Database {
    backend
        .fresh("world", async |url: &str| {
            let options = options_of_url(url);
            bootstrap(&options, Some(url), &keys()).await.expect("roles and schema");
            migrate_up(&options, Some(url), &keys()).await.expect("migrations");
            let db = Db::open(&options, keys()).await.expect("the database opens");
            seed(&db).await;
            db.close().await;
        })
        .await
}

async fn seed(db: &Db) {
    let env = Env::new(Arc::new(TestClock(Arc::new(Mutex::new(start())))), Arc::new(TestRandom::new(1)));
    let ids = Ids::new();
    let hash = argon().hash(PASSWORD).await.expect("a hash");
    let system = Ctx::system(SystemReason::Provisioning, env.clone());
    let since: NaiveDate = "2020-01-01".parse().expect("a date");
    let tx = db.begin(&system, Mode::Write).await.expect("a transaction");
    for letter in ['a', 'b'] {
        let park = Park {
            id: ids.park(letter),
            code: format!("P{}", letter.to_ascii_uppercase()),
            name: format!("{letter} 园区"),
            name_en: format!("Park {letter}"),
            zone: chrono_tz::Asia::Shanghai,
            currency: Currency::CNY,
            city_tier: 2,
            region: Some(Region::parse(if letter == 'a' { "530111" } else { "310115" }).expect("a region")),
        };
        tx.park_add(&park, env.now()).await.expect("a park");
    }
    for (who, _, _, _) in PEOPLE {
        tx.user_add(user(who), &email(who), &format!("{who} 姓名"), &hash, Lang::En, env.now()).await.expect("a user");
    }
    tx.commit().await.expect("committed");
    let mut grants = Vec::new();
    for letter in ['a', 'b'] {
        let tx = db.begin(&staff(&ids, letter, &env), Mode::Write).await.expect("a transaction");
        for name in ["a1", "a2", "b1"].into_iter().filter(|n| n.starts_with(letter)) {
            let tenant = Tenant {
                id: ids.tenant(name),
                code: name.to_uppercase(),
                name: format!("{name} 呼叫中心"),
                name_en: format!("{name} Centre"),
                business: format!("{name} 业务"),
                operating_since: since,
                arrived_on: since,
            };
            assert!(tx.tenant_add(&tenant, env.now()).await.expect("a tenant"));
        }
        for (n, (who, role, _, tenant)) in PEOPLE.iter().enumerate().filter(|(_, p)| p.2 == letter) {
            if *role == Role::Assessor {
                let grant = Grant {
                    id: fixed(0x2000 + n as u128),
                    user: user(who),
                    display_name: format!("{who} 姓名"),
                    role: *role,
                    tenant: tenant.map(|t| ids.tenant(t)),
                    purpose: "年度评估".to_owned(),
                    abilities: Abilities::all(),
                    region: None,
                    declared_at: None,
                    from: since,
                    // The late one's grant ran out long ago.
                    to: if *who == "late-assessor" { "2021-01-01" } else { "2030-01-01" }.parse().expect("a date"),
                    revoked_at: None,
                };
                tx.grant_add(ids.park(letter), &grant, env.now()).await.expect("a grant");
                grants.push((letter, grant));
            }
        }
        tx.commit().await.expect("committed");
    }
    let tx = db.begin(&system, Mode::Write).await.expect("a transaction");
    for (letter, grant) in grants {
        let ctx = staff(&ids, letter, &env);
        tx.grant_declare(&ctx, &grant, STATEMENT, &[], env.now()).await.expect("a declaration");
    }
    for (who, role, letter, tenant) in PEOPLE.iter().filter(|p| p.1 != Role::Assessor) {
        let (park, name) = (ids.park(*letter), format!("{who} 姓名"));
        let added = match tenant {
            Some(t) => tx.tenant_member_add(park, ids.tenant(t), user(who), *role, &name, since).await,
            None => tx.park_member_add(park, user(who), *role, &name, since).await,
        };
        added.expect("a member");
    }
    tx.commit().await.expect("committed");
}

/// The installation at work in a park.
pub fn staff(ids: &Ids, letter: char, env: &Env) -> Ctx {
    let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
    Ctx::build(
        actor,
        Scope::Park(ids.park(letter)),
        Lang::En,
        chrono_tz::Asia::Shanghai,
        "seed".to_owned(),
        env.clone(),
    )
}

/// The product over a database of its own.
#[derive(Debug)]
pub struct World {
    /// The API.
    pub api: Api,
    /// The same with room for documents that select everything there is.
    pub wide: Api,
    /// The database, open as the product opens it.
    pub db: Db,
    /// The clock.
    pub clock: TestClock,
    /// Clock and randomness.
    pub env: Env,
    /// Ids of parks and tenants.
    pub ids: Ids,
    /// Uploaded files.
    pub filing: Filing,
    tokens: tokio::sync::Mutex<HashMap<String, String>>,
    /// The database itself, as its owner; dropped last.
    pub database: Database,
    files: TempDir,
}

impl World {
    /// A new one.
    pub async fn new(backend: Backend) -> Self {
        Self::over(database(backend).await, |db| db).await
    }

    /// Over a given database, opened in a given way.
    pub async fn over(database: Database, open: impl FnOnce(Db) -> Db) -> Self {
        let clock = TestClock(Arc::new(Mutex::new(start())));
        let env = Env::new(Arc::new(clock.clone()), Arc::new(TestRandom::new(42)));
        let db = open(Db::open(&options(&database), keys()).await.expect("the database opens"));
        let files = TempDir::new();
        let store =
            Files::folder(files.path().join("files"), env.clone(), 64 * 1024 * 1024).expect("a folder of files");
        let filing = Filing::new(Arc::new(db.clone()), store.clone(), None, env.clone());
        let services = Services {
            db: Arc::new(db.clone()),
            tokens: Arc::new(Jwt::new(db.clone(), env.clone(), KeySettings::new(ISSUER, 90))),
            passwords: Arc::new(argon()),
            passkeys: Arc::new(RelyingParty::new("http://localhost:1")),
            oidc: Arc::new(oidc::Client::new(env.clone(), "http://localhost:1", None, true, None).expect("a client")),
            links: Arc::new(Signed::new(keys())),
            tables: Arc::new(Tables::new(Arc::new(store.clone()))),
            drawings: Arc::new(Drawings::new(Arc::new(store))),
            env: env.clone(),
            news: {
                let news = db.news().clone();
                Arc::new(move || news.listen())
            },
        };
        // How long anything takes depends on the machine, which no test may.
        let patient = Limits {
            query_time: Duration::from_mins(10),
            mutation_time: Duration::from_mins(10),
            allowance: Allowance { burst: i64::MAX / 10_000, per_second: 1 },
            ..Limits::default()
        };
        let all = Limits {
            depth: 64,
            complexity: 10_000_000,
            aliases: 100_000,
            characters: 100_000_000,
            tokens: 100_000_000,
            roots: 100_000,
            ..patient
        };
        let wide = Api::new(services.clone(), all, []);
        let api = Api::new(services, patient, []);
        Self {
            api,
            wide,
            db,
            clock,
            env,
            ids: Ids::new(),
            filing,
            tokens: tokio::sync::Mutex::default(),
            database,
            files,
        }
    }

    /// The data folder of the installation.
    pub fn data_dir(&self) -> &Path {
        self.files.path()
    }

    /// Somebody's access token; signed in once.
    pub async fn token(&self, who: &str) -> String {
        let mut tokens = self.tokens.lock().await;
        if let Some(token) = tokens.get(who) {
            return token.clone();
        }
        let document = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { rule } } }";
        let input = json!({ "input": { "email": email(who), "password": PASSWORD } });
        let answer = self.call(None, document, input).await.body;
        let token = answer["data"]["signIn"]["accessToken"].as_str();
        let token = token.unwrap_or_else(|| panic!("{who} cannot sign in: {answer}")).to_owned();
        tokens.insert(who.to_owned(), token.clone());
        token
    }

    /// Forgets who is signed in (after the clock was moved beyond the life of a token).
    pub async fn forget_tokens(&self) {
        self.tokens.lock().await.clear();
    }

    /// Runs a document with a bearer token.
    pub async fn call(&self, bearer: Option<String>, document: &str, variables: Value) -> Answer {
        self.api.execute(self.asks(bearer, document, variables)).await
    }

    /// A call with a bearer token.
    pub fn asks(&self, bearer: Option<String>, document: &str, variables: Value) -> Call {
        let request = "test".to_owned();
        Call {
            document: document.to_owned(),
            variables,
            bearer,
            lang: Some(Lang::En),
            request,
            client: client(),
            ..Call::default()
        }
    }

    /// Runs a document as somebody and returns `data`.
    ///
    /// # Panics
    /// When there are top-level errors.
    pub async fn ok(&self, who: &str, document: &str, variables: Value) -> Value {
        let answer = self.call(Some(self.token(who).await), document, variables).await.body;
        assert!(answer.get("errors").is_none(), "{who}: {answer}");
        answer["data"].clone()
    }

    /// Runs a mutation with one `input` as somebody and returns its payload; `selection` is what is read of it beside
    /// `userErrors`.
    pub async fn mutate(&self, who: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let mut name = mutation.to_owned();
        if let Some(first) = name.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        let document = format!(
            "mutation($input: {name}Input!) {{ payload: {mutation}(input: $input) {{ {selection} userErrors {{ code rule path message }} }} }}"
        );
        self.ok(who, &document, json!({ "input": input })).await["payload"].clone()
    }

    /// As [`mutate`](Self::mutate), and nothing may be refused.
    ///
    /// # Panics
    /// When something is.
    pub async fn done(&self, who: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let payload = self.mutate(who, mutation, selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}");
        payload
    }

    /// Declares under every grant of somebody that waits for it: no interests.
    ///
    /// # Panics
    /// When a declaration is refused.
    pub async fn declare(&self, who: &str) {
        let held = self.ok(who, "{ viewer { grants { id statement asOf declaredAt } } }", json!({})).await;
        for grant in held["viewer"]["grants"].as_array().into_iter().flatten().filter(|g| g["declaredAt"].is_null()) {
            let input = json!({ "grantId": grant["id"], "statement": grant["statement"], "asOf": grant["asOf"], "interests": [] });
            self.done(who, "grantDeclare", "grant { id }", input).await;
        }
    }

    /// As [`mutate`](Self::mutate), and the rules that refused it are returned.
    pub async fn refused(&self, who: &str, mutation: &str, input: Value) -> Vec<String> {
        let payload = self.mutate(who, mutation, "", input).await;
        let errors = payload["userErrors"].as_array().cloned().unwrap_or_default();
        errors.iter().filter_map(|e| e["rule"].as_str().map(str::to_owned)).collect()
    }

    /// The context of somebody, as the product would build it.
    ///
    /// # Panics
    /// When nobody of that name can sign in.
    pub async fn ctx(&self, who: &str) -> Ctx {
        let token = self.token(who).await;
        self.api.services().authenticate(&token, None, "test", &Client::default()).await.expect("a session").0
    }

    /// A transaction as somebody.
    ///
    /// # Panics
    /// When none can be opened.
    pub async fn tx(&self, who: &str, mode: Mode) -> Box<dyn Tx> {
        self.db.begin(&self.ctx(who).await, mode).await.expect("a transaction")
    }

    /// Stores a file as somebody; returns its id as the API shows it.
    ///
    /// # Panics
    /// When it cannot be stored.
    pub async fn upload(&self, who: &str, name: &str, bytes: &[u8]) -> String {
        let upload = Upload { name, declared: "", purpose: None };
        self.filing.take(&self.ctx(who).await, upload, bytes).await.expect("taken in").id.to_string()
    }

    /// The import of call records as the product runs it.
    pub fn intake(&self) -> Intake {
        Intake::new(self.db.clone(), Arc::new(self.filing.files().clone()), keys())
    }

    /// The installation's own context for the work of a tenant, as jobs have it.
    pub fn job_ctx(&self, park: ParkId, tenant: Option<TenantId>) -> Ctx {
        let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
        let scope = tenant.map_or(Scope::Park(park), |t| Scope::Tenant(park, t));
        Ctx::build(actor, scope, Lang::En, chrono_tz::Asia::Shanghai, "job".to_owned(), self.env.clone())
    }

    /// Runs every job that is due to its end, with the product's runner.
    ///
    /// # Panics
    /// When jobs cannot be claimed.
    pub async fn run_jobs(&self) {
        self.run_jobs_by(MailWay::Outbox(self.outbox())).await;
    }

    /// The folder that letters are written to.
    pub fn outbox(&self) -> PathBuf {
        self.data_dir().join("outbox")
    }

    /// As [`run_jobs`](Self::run_jobs), letters leaving in another way.
    ///
    /// # Panics
    /// When jobs cannot be claimed.
    pub async fn run_jobs_by(&self, way: MailWay) {
        let mail = Mail { from: "Park <park@example.test>".to_owned(), way, per_minute: 10_000 };
        let mailer = Mailer::new(&mail).expect("a mailer");
        let enclosures = Arc::new(InvoiceEnclosures(Arc::new(self.db.clone())));
        let url = "https://park.example".to_owned();
        let postman = Postman::new(Arc::new(self.db.clone()), mailer, url, 10_000, enclosures);
        let handlers: Vec<Arc<dyn Handler>> = vec![
            Arc::new(self.intake()),
            Arc::new(postman),
            Arc::new(RequestNotices(Arc::new(self.db.clone()))),
            Arc::new(ScanJob(self.filing.clone())),
            Arc::new(BillingRuns::new(Arc::new(self.db.clone()))),
            Arc::new(Repricings::new(Arc::new(self.db.clone()))),
            Arc::new(self.platform_bills()),
        ];
        let runner = Runner::new(Arc::new(self.db.clone()), self.env.clone(), handlers, self.db.wake());
        runner.run_due().await.expect("jobs that can be claimed");
    }

    /// What bills parks for an operator.
    pub fn platform_bills(&self) -> PlatformBills {
        let operator = PartyDraft {
            name: "云岭平台运营有限公司".to_owned(),
            name_en: "Yunling Platform".to_owned(),
            tax_number: "91350100M000100Y43".to_owned(),
            address: "平台路 1 号".to_owned(),
            phone: String::new(),
            bank: "某银行".to_owned(),
            account: "6222 0000 1111".to_owned(),
        };
        PlatformBills::new(Arc::new(self.db.clone()), Some(operator.checked().expect("an operator")))
    }
}
