//! The facade that edges call: one GraphQL request in, one answer out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response, ServerError, Variables};
use futures_util::StreamExt as _;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;
use tracing::Instrument as _;
use voxpark_billing::uow::Database;
use voxpark_domain::bounds::Bounds;
use voxpark_domain::ctx::{Lang, SystemReason};
use voxpark_domain::estate::Drawings;
use voxpark_domain::identity::oidc::Oidc;
use voxpark_domain::identity::passkey::Authenticators;
use voxpark_domain::identity::{self, Claims, Client, Membership, Passwords, Ports, Tokens};
use voxpark_domain::ids::UserId;
use voxpark_domain::news::{Notice, Topic};
use voxpark_domain::permission::{Action, Audience, Resource};
use voxpark_domain::platform::{self, FileLink, Links};
use voxpark_domain::tables::TableFile;
use voxpark_domain::time::Env;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};

use crate::document::{self, Document, refusal};
use crate::follow::Streams;
use crate::identity::{ENROLMENT, ENTRANCE};
use crate::known::Known;
use crate::record::Recorder;
use crate::request::Request;
use crate::schema::{self, Schema};
use crate::throttle::{Allowance, Throttle};

/// Everything the schema leans on.
#[derive(Clone)]
pub struct Services {
    /// Transactions.
    pub db: Arc<dyn Database>,
    /// Access tokens.
    pub tokens: Arc<dyn Tokens>,
    /// Password hashing.
    pub passwords: Arc<dyn Passwords>,
    /// Identity providers.
    pub oidc: Arc<dyn Oidc>,
    /// Links to files.
    pub links: Arc<dyn Links>,
    /// Passkeys.
    pub passkeys: Arc<dyn Authenticators>,
    /// Uploaded files as tables.
    pub tables: Arc<dyn TableFile>,
    /// Uploaded pictures and drawings.
    pub drawings: Arc<dyn Drawings>,
    /// Clock and randomness.
    pub env: Env,
    /// News of what has changed: each call listens from then on.
    pub news: Arc<dyn Fn() -> broadcast::Receiver<Notice> + Send + Sync>,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Services")
    }
}

impl Services {
    pub(crate) fn ports(&self) -> Ports<'_> {
        Ports { tokens: &*self.tokens, passwords: &*self.passwords, env: &self.env }
    }

    /// The context of a bearer token: the one way to act for somebody.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for anything but a living session or token of a program.
    pub async fn authenticate(
        &self,
        bearer: &str,
        lang: Option<Lang>,
        request: &str,
        client: &Client,
    ) -> Result<(Ctx, Membership)> {
        if identity::is_service_token(bearer) {
            return self.authenticate_program(bearer, lang, request, client).await;
        }
        self.tokens.ready(Some(bearer)).await?;
        let claims = self.tokens.verify(bearer, self.env.now()).ok_or(Error::Unauthenticated)?;
        let tx = self.db.begin(&Ctx::system(SystemReason::SignIn, self.env.clone()), Mode::Glance).await?;
        identity::authenticate(&*tx, &claims, lang, request.to_owned(), &self.env).await
    }

    /// The context of whoever a link to a file was made for, and what it gives: as long as that session lives and
    /// reaches what it did when the link was made.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anything else.
    pub async fn follow_link(&self, text: &str, request: &str) -> Result<(Ctx, FileLink)> {
        let link = self.links.read(text, self.env.now()).ok_or(Error::NotFound)?;
        let claims = Claims { session: link.session, user: link.user, expires_at: link.expires_at };
        let tx = self.db.begin(&Ctx::system(SystemReason::SignIn, self.env.clone()), Mode::Glance).await?;
        let known = identity::authenticate(&*tx, &claims, None, request.to_owned(), &self.env).await;
        match known {
            Ok((ctx, _)) if self.links.reaches(&link, &platform::reach(ctx.scope())) => Ok((ctx, link)),
            Ok(_) | Err(Error::Unauthenticated) => Err(Error::NotFound),
            Err(error) => Err(error),
        }
    }

    async fn authenticate_program(
        &self,
        bearer: &str,
        lang: Option<Lang>,
        request: &str,
        client: &Client,
    ) -> Result<(Ctx, Membership)> {
        let system = Ctx::system(SystemReason::SignIn, self.env.clone());
        let tx = self.db.begin(&system, Mode::Glance).await?;
        let known = identity::authenticate_program(&*tx, &*self.tokens, bearer, lang, request.to_owned(), &self.env);
        let (ctx, membership, program) = known.await?;
        drop(tx);
        if program.to_be_noted(ctx.now()) {
            let noted = async {
                let tx = self.db.begin(&system, Mode::Write).await?;
                let from = client.address.map(|address| address.to_canonical().to_string());
                tx.service_token_used(&program, ctx.now(), from.as_deref()).await?;
                tx.commit().await
            };
            if let Err(error) = noted.await {
                tracing::warn!(%error, "the use of a token cannot be noted");
            }
        }
        Ok((ctx, membership))
    }
}

/// What a document may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Levels of selection.
    pub depth: usize,
    /// Fields, a list counting as often as it may hold.
    pub complexity: usize,
    /// Aliases.
    pub aliases: usize,
    /// Characters of the document.
    pub characters: usize,
    /// Lexical tokens of the document.
    pub tokens: usize,
    /// Fields at the root of the operation.
    pub roots: usize,
    /// What a caller may ask for in a time.
    pub allowance: Allowance,
    /// How long a query may take, statements included.
    pub query_time: Duration,
    /// How long a change may take.
    pub mutation_time: Duration,
    /// Who may ask the schema about itself.
    pub introspection: Audience,
    /// Who may send documents of its own; others send those that are known here, and sign in.
    pub ad_hoc: Audience,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 12,
            complexity: 20_000,
            aliases: 30,
            characters: 10_000,
            tokens: 2_000,
            roots: 20,
            allowance: Allowance { burst: 200_000, per_second: 2_000 },
            query_time: Duration::from_secs(10),
            mutation_time: Duration::from_mins(1),
            introspection: Audience::Everybody,
            ad_hoc: Audience::Everybody,
        }
    }
}

/// One GraphQL request.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The document; empty when it is named.
    pub document: String,
    /// The id of a document that is known here ([`crate::document_id`]).
    pub document_id: Option<String>,
    /// Which of its operations.
    pub operation: Option<String>,
    /// Variables.
    pub variables: Value,
    /// Whether it must not change anything (it came by GET).
    pub safe: bool,
    /// Access token.
    pub bearer: Option<String>,
    /// The language of messages; `None` = the user's own.
    pub lang: Option<Lang>,
    /// Request id.
    pub request: String,
    /// The machine it comes from.
    pub client: Client,
}

/// The answer to one request.
#[derive(Debug)]
pub struct Answer {
    /// `{ "data": ..., "errors": [...] }`.
    pub body: Value,
    /// Whether execution began (otherwise the document was refused and there is no `data`).
    pub executed: bool,
    /// Whether it was refused because it would change something and must not.
    pub unsafe_method: bool,
    /// Seconds to wait for before the same is asked again, when the caller asked for too much in a time.
    pub retry_after: Option<i64>,
    /// SQL statements that reading took (mutations count their own).
    pub statements: u64,
    /// The name of the operation where the document is known here, `own` for callers' own documents, else `none`: of a closed
    /// list, for figures.
    pub operation: Arc<str>,
}

impl Answer {
    /// How it ended, for figures: `ok`, or the code of the first error.
    pub fn outcome(&self) -> &str {
        match self.body.get("errors") {
            None => "ok",
            Some(errors) => errors.pointer("/0/extensions/code").and_then(Value::as_str).unwrap_or("error"),
        }
    }
}

/// The API.
#[derive(Clone)]
pub struct Api {
    schema: Schema,
    services: Services,
    limits: Limits,
    throttle: Arc<Throttle>,
    known: Arc<Known>,
    streams: Arc<Streams>,
    recorder: Recorder,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

/// One execution: what it answered, for whom, and what has to change for it to be worth another.
pub(crate) struct Round {
    pub(crate) answer: Answer,
    pub(crate) user: Option<UserId>,
    pub(crate) watch: Vec<Topic>,
    /// What the caller's right to it hangs on.
    pub(crate) leave: Vec<Topic>,
}

impl From<ServerError> for Round {
    fn from(error: ServerError) -> Self {
        Self { answer: refuse(vec![error]), user: None, watch: Vec::new(), leave: Vec::new() }
    }
}

impl Api {
    /// Builds the schema. `known` are documents that may be asked for by everybody: those of the console.
    pub fn new(services: Services, limits: Limits, known: impl IntoIterator<Item = &'static str>) -> Self {
        let recorder = Recorder::new(Arc::clone(&services.db), services.env.clone());
        Self {
            schema: schema::build(limits),
            recorder,
            services,
            throttle: Arc::new(Throttle::new(limits.allowance)),
            limits,
            known: Arc::new(Known::new(known)),
            streams: Arc::default(),
        }
    }

    /// What it leans on.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// What puts happenings beside changes on the audit log.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    pub(crate) fn streams(&self) -> &Arc<Streams> {
        &self.streams
    }

    /// Runs one query or change.
    pub async fn execute(&self, call: Call) -> Answer {
        let document = self.document(&call);
        if document.as_ref().is_ok_and(|d| d.kind == OperationType::Subscription) {
            let how = "A subscription is asked by graphql-transport-ws, or with Accept: text/event-stream.";
            return refuse(vec![refusal(how, "BAD_REQUEST")]);
        }
        self.guarded(Arc::new(call), document.map(Arc::new)).await.answer
    }

    /// Runs once. Spawned, so that a caller who hangs up cannot leave a transaction half begun.
    pub(crate) async fn guarded(&self, call: Arc<Call>, document: Result<Arc<Document>, ServerError>) -> Round {
        let this = self.clone();
        let request = call.request.clone();
        let work = async move { this.round(&call, document).await };
        tokio::spawn(work.in_current_span()).await.unwrap_or_else(|panic| {
            tracing::error!(request, %panic, "a resolver panicked");
            plain(crate::error::internal(&request)).into()
        })
    }

    /// The document of a call, parsed.
    pub(crate) fn document(&self, call: &Call) -> Result<Document, ServerError> {
        let text = match &call.document_id {
            Some(id) if call.document.is_empty() => self
                .known
                .text(id)
                .ok_or_else(|| refusal("No document with this id is known here.", "PERSISTED_QUERY_NOT_FOUND"))?,
            _ => call.document.as_str(),
        };
        let known = self.known.parsed(text, &self.limits)?;
        let own = known.is_none();
        let parsed = match known {
            Some(parsed) => parsed,
            None => Arc::new(document::parse(text, &self.limits)?),
        };
        Document::of(parsed, own, call.operation.as_deref(), &self.limits)
    }

    async fn round(&self, call: &Call, document: Result<Arc<Document>, ServerError>) -> Round {
        if call.bearer.is_none()
            && let Err(error) = self.services.tokens.ready(None).await
        {
            return plain(crate::error::top(&error, call.lang.unwrap_or_default(), &call.request)).into();
        }
        let who = match &call.bearer {
            None => None,
            Some(bearer) => match self.services.authenticate(bearer, call.lang, &call.request, &call.client).await {
                Ok(known) => Some(known),
                Err(error) => {
                    return plain(crate::error::top(&error, call.lang.unwrap_or_default(), &call.request)).into();
                }
            },
        };
        let document = match document {
            Ok(document) => document,
            Err(error) => return error.into(),
        };
        let ctx = who.as_ref().map(|w| &w.0);
        let lang = ctx.map(Ctx::lang).or(call.lang).unwrap_or_default();
        if ctx.is_some_and(|ctx| *ctx.bounds() == Bounds::Enrolling) && !document.is_within(ENROLMENT) {
            return plain(crate::error::enrol_first(lang)).into();
        }
        if document.own && !includes(self.limits.ad_hoc, ctx) {
            let entering = who.is_none() && self.limits.ad_hoc != Audience::Nobody && document.is_within(ENTRANCE);
            if !entering {
                return plain(crate::error::unknown_document(lang, who.is_some())).into();
            }
        }
        if call.safe && document.kind == OperationType::Mutation {
            let error = ServerError::new("What changes something is asked by POST.", None);
            let round = Round::from(error);
            return Round { answer: Answer { unsafe_method: true, ..round.answer }, ..round };
        }
        let introspection = includes(self.limits.introspection, ctx);
        let (user, leave) = ctx.map(|ctx| (ctx.actor().user, leave(ctx))).unwrap_or_default();
        let mut round = self.run(call, &document, who, lang, introspection).await;
        round.answer.operation = document.name();
        Round { user, leave, ..round }
    }

    async fn run(
        &self,
        call: &Call,
        document: &Document,
        who: Option<(Ctx, Membership)>,
        lang: Lang,
        introspection: bool,
    ) -> Round {
        let (variables, missing) = document.complete(Variables::from_json(call.variables.clone()));
        let throttle = Arc::clone(&self.throttle);
        let address = call.client.address;
        let request = Request::new(self.services.clone(), throttle, address, who, lang, call.request.clone());
        let (loader, loads) = request.loader();
        let mut inner = async_graphql::Request::new("")
            .variables(variables)
            .data(missing)
            .data(loader)
            .data(call.client.clone())
            .data(self.recorder.clone())
            .data(Arc::clone(&request));
        if !introspection {
            inner = inner.disable_introspection();
        }
        inner.set_parsed_query((*document.parsed).clone());
        if let Some(name) = &call.operation {
            inner = inner.operation_name(name);
        }
        let change = document.kind == OperationType::Mutation;
        let time = if change { self.limits.mutation_time } else { self.limits.query_time };
        let executed = if document.kind == OperationType::Subscription {
            let first = async { self.schema.execute_stream(inner).next().await.unwrap_or_default() };
            tokio::time::timeout(time, loads.drive(first)).await
        } else {
            tokio::time::timeout(time, loads.drive(self.schema.execute(inner))).await
        };
        let response = executed.unwrap_or_else(|_| Response::from_errors(vec![crate::error::too_slow(request.lang())]));
        let statements = request.close().await;
        if let Ok(ctx) = request.ctx()
            && let Err(cause) = self.recorder.heard(ctx).await
        {
            // Personal data that was read goes out only when the log says so.
            tracing::error!(request = request.id, %cause, "the audit log cannot be written");
            return plain(crate::error::internal(&request.id)).into();
        }
        let charged = request.charged();
        let mut answer = answer(response, statements);
        answer.retry_after = charged.wait;
        if let (Some(standing), Some(body)) = (charged.standing, answer.body.as_object_mut()) {
            let cost = json!({ "requested": standing.cost, "limit": standing.limit, "remaining": standing.remaining,
                "resetAt": standing.reset_at });
            body.insert("extensions".to_owned(), json!({ "cost": cost }));
        }
        Round { answer, user: None, watch: request.watched(), leave: Vec::new() }
    }
}

/// Whether the caller is one of these.
fn includes(audience: Audience, who: Option<&Ctx>) -> bool {
    match audience {
        Audience::Everybody => true,
        Audience::Permitted => who.is_some_and(|ctx| ctx.may(Action::Read, Resource::Api)),
        Audience::Nobody => false,
    }
}

/// What ends the caller's right to see anything.
fn leave(ctx: &Ctx) -> Vec<Topic> {
    let actor = ctx.actor();
    let grants = actor.grants.iter().copied().map(Topic::Grant);
    let token = match ctx.bounds() {
        Bounds::Program { token, .. } => Some(Topic::Token(*token)),
        _ => None,
    };
    actor.session.map(Topic::Session).into_iter().chain(token).chain(grants).collect()
}

/// An error of the API itself, as an error of the document.
fn plain(error: async_graphql::Error) -> ServerError {
    ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) }
}

fn refuse(errors: Vec<ServerError>) -> Answer {
    answer(Response::from_errors(errors), 0)
}

/// Errors without a path mean that nothing was executed: then there is no `data` at all.
fn answer(mut response: Response, statements: u64) -> Answer {
    let executed = response.errors.is_empty() || response.errors.iter().any(|e| !e.path.is_empty());
    for error in &mut response.errors {
        crate::error::code_of_document_error(error);
    }
    // The data are moved, not written and read again.
    let mut body = Map::new();
    if executed {
        body.insert("data".to_owned(), response.data.into_json().unwrap_or_default());
    }
    if !response.errors.is_empty() {
        body.insert("errors".to_owned(), serde_json::to_value(&response.errors).unwrap_or_default());
    }
    if !response.extensions.is_empty() {
        body.insert("extensions".to_owned(), serde_json::to_value(&response.extensions).unwrap_or_default());
    }
    let body = Value::Object(body);
    Answer { body, executed, unsafe_method: false, retry_after: None, statements, operation: Arc::from("none") }
}
