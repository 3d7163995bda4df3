//! The facade that edges call: one GraphQL request in, one answer out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Response, ServerError, Variables};
use serde_json::{Value, json};
use voxpark_billing::uow::Database;
use voxpark_domain::ctx::{Lang, SystemReason};
use voxpark_domain::identity::{self, Membership, Passwords, Ports, Tokens};
use voxpark_domain::tables::TableFile;
use voxpark_domain::time::Env;
use voxpark_domain::uow::{FileStore, Mode};
use voxpark_domain::{Ctx, Error, Result};

use crate::document::Document;
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
    /// Bytes of uploaded files.
    pub files: Arc<dyn FileStore>,
    /// Uploaded files as tables.
    pub tables: Arc<dyn TableFile>,
    /// Clock and randomness.
    pub env: Env,
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
    /// [`Error::Unauthenticated`] for anything but a living session.
    pub async fn authenticate(&self, bearer: &str, lang: Option<Lang>, request: &str) -> Result<(Ctx, Membership)> {
        let claims = self.tokens.verify(bearer, self.env.now()).ok_or(Error::Unauthenticated)?;
        let tx = self.db.begin(&Ctx::system(SystemReason::SignIn, self.env.clone()), Mode::Read).await?;
        identity::authenticate(&*tx, &claims, lang, request.to_owned(), &self.env).await
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
    /// Whether the schema may be asked about itself.
    pub introspection: bool,
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
            introspection: true,
        }
    }
}

/// One GraphQL request.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The document.
    pub document: String,
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
}

/// The API.
#[derive(Clone)]
pub struct Api {
    schema: Schema,
    services: Services,
    limits: Limits,
    throttle: Arc<Throttle>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    /// Builds the schema.
    pub fn new(services: Services, limits: Limits) -> Self {
        Self { schema: schema::build(limits), services, throttle: Arc::new(Throttle::new(limits.allowance)), limits }
    }

    /// What it leans on.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Runs one request. Spawned, so that a caller who hangs up cannot leave a transaction half begun.
    pub async fn execute(&self, call: Call) -> Answer {
        let this = self.clone();
        let request = call.request.clone();
        match tokio::spawn(async move { this.run(call).await }).await {
            Ok(answer) => answer,
            Err(panic) => {
                tracing::error!(request, %panic, "a resolver panicked");
                let error = crate::error::internal(&request);
                refuse(vec![ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) }])
            }
        }
    }

    async fn run(&self, call: Call) -> Answer {
        let who = match &call.bearer {
            None => None,
            Some(bearer) => match self.services.authenticate(bearer, call.lang, &call.request).await {
                Ok(known) => Some(known),
                Err(error) => {
                    let lang = call.lang.unwrap_or_default();
                    let error = crate::error::top(&error, lang, &call.request);
                    return refuse(vec![ServerError {
                        extensions: error.extensions,
                        ..ServerError::new(error.message, None)
                    }]);
                }
            },
        };
        let document = match Document::read(&call.document, call.operation.as_deref(), &self.limits) {
            Ok(document) => document,
            Err(error) => return refuse(vec![error]),
        };
        if call.safe && document.mutation {
            let error = ServerError::new("What changes something is asked by POST.", None);
            return Answer { unsafe_method: true, ..refuse(vec![error]) };
        }
        let (variables, missing) = document.complete(Variables::from_json(call.variables));
        let request = Request::new(
            self.services.clone(),
            Arc::clone(&self.throttle),
            who,
            call.lang.unwrap_or_default(),
            call.request,
        );
        let (loader, loads) = request.loader();
        let mut inner = async_graphql::Request::new(call.document)
            .variables(variables)
            .data(missing)
            .data(loader)
            .data(Arc::clone(&request));
        inner.set_parsed_query(document.parsed);
        if let Some(name) = call.operation {
            inner = inner.operation_name(name);
        }
        let time = if document.mutation { self.limits.mutation_time } else { self.limits.query_time };
        let executed = tokio::time::timeout(time, loads.drive(self.schema.execute(inner))).await;
        let response = executed.unwrap_or_else(|_| Response::from_errors(vec![crate::error::too_slow(request.lang())]));
        let statements = request.close().await;
        let charged = request.charged();
        let mut answer = answer(response, statements);
        answer.retry_after = charged.wait;
        if let (Some(standing), Some(body)) = (charged.standing, answer.body.as_object_mut()) {
            let cost = json!({ "requested": standing.cost, "limit": standing.limit, "remaining": standing.remaining,
                "resetAt": standing.reset_at });
            body.insert("extensions".to_owned(), json!({ "cost": cost }));
        }
        answer
    }
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
    let mut body = serde_json::to_value(&response).unwrap_or_default();
    if let Some(map) = body.as_object_mut() {
        if !executed {
            map.remove("data");
        }
        if map.get("extensions").is_some_and(|e| e.as_object().is_some_and(serde_json::Map::is_empty)) {
            map.remove("extensions");
        }
    }
    Answer { body, executed, unsafe_method: false, retry_after: None, statements }
}
