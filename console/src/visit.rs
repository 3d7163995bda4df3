//! One request to a page: what it asks, what it executes, how it answers.

use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{Html as Page, IntoResponse, Response};
use futures_util::stream::BoxStream;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Console;
use crate::exec::{Body, Call, Problem, StoredFile};
use crate::frame::{Area, Frame, Viewer};
use crate::html::{link, unpercent};
use crate::pages::{confirm, sign_in};
use crate::report::Kind;
use crate::session::{KEPT, Session, Tokens};
use crate::wire::{Connection, UserError};
use crate::words::Words;

/// What a page answers.
pub type Answer = Result<Response, Stop>;

/// Why a page is not shown. Rendered in the user's language by the session's layer.
#[derive(Clone, Debug)]
pub enum Stop {
    /// Nobody is signed in.
    SignIn,
    /// It does not exist for this person.
    NotFound,
    /// The person may read but not do this.
    Forbidden,
    /// The page belongs to another role's area.
    Elsewhere,
    /// The act asks for a new proof of who does it.
    Confirm(Confirm),
    /// A second factor has to be set up first.
    Enrol,
    /// Something went wrong on our side; the request id finds it in the log.
    Failed(String),
}

/// What proves who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password.
    Password,
    /// A code of the second factor.
    Code,
    /// A passkey.
    Passkey,
}

/// What an act asks for before it is done.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// What is to be typed.
    pub(crate) proof: Proof,
    /// Whether a passkey would do as well: the person has one.
    pub(crate) passkey: bool,
    /// What was wrong with the last one.
    pub(crate) wrong: Option<String>,
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::SignIn | Self::Enrol => StatusCode::SEE_OTHER,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Elsewhere => StatusCode::FORBIDDEN,
            Self::Confirm(..) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "stop.html")]
struct StopPage<'a> {
    f: Frame,
    lead: String,
    request: &'a str,
}

impl Stop {
    /// The page that says it.
    pub(crate) fn render(&self, session: &Session, uri: &Uri) -> Response {
        let w = session.w;
        let (status, title, lead, request) = match self {
            Self::SignIn => return see_other(&link("/sign-in", &[("next", &here(uri))])),
            Self::Enrol => return see_other("/account"),
            Self::Confirm(confirm) => return confirm::page(session, uri, confirm),
            Self::NotFound => (StatusCode::NOT_FOUND, w.s("stop-not-found"), w.s("stop-not-found-lead"), ""),
            Self::Forbidden => (StatusCode::FORBIDDEN, w.s("stop-forbidden"), w.s("stop-forbidden-lead"), ""),
            Self::Elsewhere => (StatusCode::FORBIDDEN, w.s("stop-elsewhere"), w.s("stop-elsewhere-lead"), ""),
            Self::Failed(id) => {
                (StatusCode::INTERNAL_SERVER_ERROR, w.s("stop-failed"), w.s("stop-failed-lead"), id.as_str())
            }
        };
        let f = frame(session, uri, title.to_string());
        (status, render(&StopPage { f, lead: lead.to_string(), request })).into_response()
    }
}

/// `Option` of what a node holds into the page or "not found".
pub trait Found<T> {
    /// The thing, or the 404 page.
    ///
    /// # Errors
    /// [`Stop::NotFound`] when there is none.
    fn found(self) -> Result<T, Stop>;
}

impl<T> Found<T> for Option<T> {
    fn found(self) -> Result<T, Stop> {
        self.ok_or(Stop::NotFound)
    }
}

/// The end of a list, for `ui::pager`.
#[derive(Clone, Debug)]
pub struct Pager {
    /// Number of the first item shown.
    pub from: i64,
    /// Number of the last item shown.
    pub to: i64,
    /// How many there are.
    pub total: i64,
    /// The first page, unless this is it.
    pub first: Option<String>,
    /// The next page, if there is one.
    pub next: Option<String>,
    /// The whole list as CSV and as a workbook, where it can be taken away.
    pub files: Option<(String, String)>,
}

impl Pager {
    /// Of a list that can be taken away.
    #[must_use]
    pub fn with_files(mut self, visit: &Visit) -> Self {
        self.files = Some(visit.files());
        self
    }
}

/// By what a list is sorted, for `ui::sorted`: in the address as `sort=term_to`, or `sort=-term_to` for the largest
/// first.
#[derive(Clone, Debug, Default)]
pub struct Sorting {
    by: String,
    falling: bool,
    /// What the address asks for, if anything.
    pub asked: Option<String>,
    /// Each column by which the list can be sorted, with the address that does.
    links: Vec<(&'static str, String)>,
}

impl Sorting {
    /// The address that sorts by a column, the other way round if that is how the list is sorted; none for a column by
    /// which it cannot be.
    pub fn href(&self, column: &str) -> Option<&str> {
        self.links.iter().find(|(name, _)| *name == column).map(|(_, href)| href.as_str())
    }
    /// How the list is sorted by a column, in the words of `aria-sort`.
    pub fn state(&self, column: &str) -> Option<&'static str> {
        (self.by == column).then_some(if self.falling { "descending" } else { "ascending" })
    }
}

/// One request to a page.
pub struct Visit {
    /// The console.
    pub console: Console,
    /// Who is here.
    pub session: Arc<Session>,
    /// Words and formats of the language.
    pub w: Words,
    uri: Uri,
    query: Vec<(String, String)>,
}

impl FromRequestParts<Console> for Visit {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Stop> {
        let session = parts.extensions.get::<Arc<Session>>().cloned();
        let session = session.ok_or_else(|| Stop::Failed("no session layer".into()))?;
        let query = parts
            .uri
            .query()
            .unwrap_or("")
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (unpercent(name), unpercent(value)))
            .collect();
        Ok(Self { console: console.clone(), w: session.w, session, uri: parts.uri.clone(), query })
    }
}

impl Visit {
    /// A visit to a page before the page itself is asked.
    pub(crate) fn before(console: &Console, session: &Arc<Session>, uri: &Uri) -> Self {
        Self {
            console: console.clone(),
            w: session.w,
            session: Arc::clone(session),
            uri: uri.clone(),
            query: Vec::new(),
        }
    }

    /// A query parameter, trimmed; empty when it is absent.
    pub fn q(&self, name: &str) -> &str {
        self.query.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
    }

    /// A query parameter as a GraphQL variable: null when it is absent or empty.
    pub fn var(&self, name: &str) -> Value {
        match self.q(name) {
            "" => Value::Null,
            text => json!(text),
        }
    }

    /// A query parameter that reads as something; none when it is absent or does not read.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.q(name).parse().ok()
    }

    /// The path of the page.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// A civil date of the query as a GraphQL variable: null when it is absent or does not read.
    pub fn day(&self, name: &str) -> Value {
        json!(self.parsed::<chrono::NaiveDate>(name))
    }

    /// Today on the park's calendar; known once a document with the shell has been executed.
    ///
    /// # Errors
    /// [`Stop::NotFound`] for somebody without a park.
    pub fn today(&self) -> Result<chrono::NaiveDate, Stop> {
        Ok(self.viewer().and_then(|v| v.park).found()?.today)
    }

    /// This page with some query parameters replaced (an empty value removes one); the way to a link that filters.
    pub fn with(&self, changes: &[(&str, &str)]) -> String {
        let kept = self.query.iter().filter(|(n, _)| n != "lang" && changes.iter().all(|(c, _)| c != n));
        let mut query: Vec<(&str, &str)> = kept.map(|(n, v)| (n.as_str(), v.as_str())).collect();
        query.extend_from_slice(changes);
        link(self.path(), &query)
    }

    /// The cursor that this page of a list starts behind.
    pub fn after(&self) -> Value {
        self.var("after")
    }

    /// The kind of file that this list is wanted as.
    pub fn wanted(&self) -> Option<Kind> {
        Kind::of(self.q("as"))
    }

    /// The end of a list: what is shown and where the next page is. `size` is what a full page holds.
    pub fn pager<T>(&self, list: &Connection<T>, size: i64) -> Pager {
        let page = self.parsed::<i64>("page").filter(|p| (1..1_000_000).contains(p) && !self.q("after").is_empty());
        let before = (page.unwrap_or(1) - 1) * size;
        let next = list.page_info.end_cursor.as_deref().filter(|_| list.page_info.has_next_page);
        Pager {
            from: before + 1,
            to: before + i64::try_from(list.nodes.len()).unwrap_or(size),
            total: list.total_count,
            first: (!self.q("after").is_empty()).then(|| self.with(&[("after", ""), ("page", "")])),
            files: None,
            next: next.map(|cursor| self.with(&[("after", cursor), ("page", &(page.unwrap_or(1) + 1).to_string())])),
        }
    }

    fn sorted_by<'a>(&self, columns: &'a [&'static str]) -> Option<(&'a &'static str, bool)> {
        let asked = self.q("sort");
        let (name, falling) = asked.strip_prefix('-').map_or((asked, false), |name| (name, true));
        columns.iter().find(|column| **column == name).map(|column| (column, falling))
    }

    /// The order the address asks for as a GraphQL variable; null when it asks for none of these.
    pub fn order(&self, columns: &[&'static str]) -> Value {
        let order = self.sorted_by(columns);
        json!(order.map(|(column, falling)| json!({
            "field": column.to_uppercase(), "direction": if falling { "DESC" } else { "ASC" }
        })))
    }

    /// How the list is sorted, by `own` (with a leading `-` for the largest first) unless the address says otherwise, and
    /// how else it can be: by any of these columns, named as the API's order fields are, in small letters.
    pub fn sorting(&self, columns: &[&'static str], own: &str) -> Sorting {
        let (by, falling) = match self.sorted_by(columns) {
            Some((column, falling)) => ((*column).to_owned(), falling),
            None => (own.trim_start_matches('-').to_owned(), own.starts_with('-')),
        };
        let link = |column: &'static str| {
            let turned = if by == column && !falling { format!("-{column}") } else { column.to_owned() };
            (column, self.with(&[("sort", &turned), ("after", ""), ("page", "")]))
        };
        let asked = self.sorted_by(columns).map(|_| self.q("sort").to_owned());
        Sorting { asked, links: columns.iter().copied().map(link).collect(), by, falling }
    }

    /// A fresh idempotency key for a form that creates something.
    pub fn key(&self) -> String {
        self.console.executor.fresh_key()
    }

    /// Who looks, once a document with the shell has been executed.
    pub fn viewer(&self) -> Option<Viewer> {
        self.session.viewer()
    }

    /// Executes a query and reads its data; keeps the viewer that came along.
    ///
    /// # Errors
    /// [`Stop`] as the API's error codes say.
    pub async fn load<T: DeserializeOwned>(
        &self,
        document: &'static str,
        operation: &'static str,
        variables: Value,
    ) -> Result<T, Stop> {
        read(operation, self.execute(document, operation, variables).await?)
    }

    /// Executes a mutation of one field with one `input`: its payload, or what the user can mend.
    ///
    /// # Errors
    /// [`Stop`] as the API's error codes say.
    pub async fn act<T: DeserializeOwned>(
        &self,
        document: &'static str,
        operation: &'static str,
        input: Value,
    ) -> Result<Result<T, Vec<UserError>>, Stop> {
        let data = self.execute(document, operation, json!({ "input": input })).await?;
        let payload = data.as_object().and_then(|d| d.values().next()).cloned().unwrap_or_default();
        let errors: Vec<UserError> = match payload.get("userErrors") {
            Some(errors) => read(operation, errors.clone())?,
            None => Vec::new(),
        };
        if errors.is_empty() {
            read(operation, payload).map(Ok)
        } else if errors.iter().any(|e| e.rule == "step-up-required") {
            Err(confirm::stop(self, Proof::Password, None).await)
        } else if errors.iter().any(|e| e.rule == "step-up-code-required") {
            Err(confirm::stop(self, Proof::Code, None).await)
        } else {
            Ok(Err(errors))
        }
    }

    /// Executes a subscription with the token that is at hand: its answers, one after the other. A page that follows
    /// something has loaded it before, which renews the token.
    pub fn follow(
        &self,
        document: &'static str,
        operation: &'static str,
        variables: Value,
    ) -> BoxStream<'static, Value> {
        self.console.executor.follow(Call {
            document,
            operation: Some(operation),
            variables,
            bearer: self.session.access(),
            lang: self.w.lang,
            client: self.session.client.clone(),
        })
    }

    /// Takes a file in.
    ///
    /// # Errors
    /// [`Stop::SignIn`] when nobody is signed in; the API's own words inside otherwise.
    pub async fn store(
        &self,
        name: &str,
        media_type: &str,
        body: Body<'_>,
    ) -> Result<Result<StoredFile, Problem>, Stop> {
        let bearer = match self.session.access() {
            Some(bearer) => Some(bearer),
            None => self.refreshed().await,
        };
        match self.console.executor.store_file(bearer.as_deref(), self.w.lang, name, media_type, body).await {
            Err(problem) if problem.status == 401 => Err(Stop::SignIn),
            other => Ok(other),
        }
    }

    /// Puts it on the audit log that this list is taken away.
    ///
    /// # Errors
    /// [`Stop::Failed`] when it cannot be.
    pub async fn taken_away(&self, form: &str) -> Result<(), Stop> {
        let list = self.uri.path();
        let told = self.console.executor.taken_away(self.session.access().as_deref(), list, form).await;
        told.map_err(|problem| Stop::Failed(problem.message))
    }

    async fn execute(&self, document: &'static str, operation: &'static str, vars: Value) -> Result<Value, Stop> {
        let call = |bearer| Call {
            document,
            operation: Some(operation),
            variables: vars.clone(),
            bearer,
            lang: self.w.lang,
            client: self.session.client.clone(),
        };
        let bearer = match self.session.access() {
            Some(bearer) => Some(bearer),
            None => self.refreshed().await,
        };
        let tried = bearer.is_some();
        let mut answer = self.console.executor.execute(call(bearer)).await;
        if has_code(&answer, "UNAUTHENTICATED") {
            let renewed = if tried { self.refreshed().await } else { None };
            let Some(bearer) = renewed else { return Err(Stop::SignIn) };
            answer = self.console.executor.execute(call(Some(bearer))).await;
        }
        let viewer = answer.pointer_mut("/data").and_then(Value::as_object_mut).and_then(|data| data.remove("viewer"));
        if let Some(viewer) = viewer.filter(Value::is_object) {
            let viewer: Viewer = read(operation, viewer)?;
            let (own, asked) = (viewer.area(), Area::of(self.path()));
            self.session.set_viewer(viewer);
            if asked != Area::None && asked != own {
                return Err(Stop::Elsewhere);
            }
        }
        let errors = answer.get("errors").and_then(Value::as_array).filter(|errors| !errors.is_empty());
        if let Some(errors) = errors {
            let has = |code| has_code(&answer, code);
            let first = |rule| errors.iter().any(|e| e.pointer("/extensions/rule").is_some_and(|r| r == rule));
            return Err(if has("UNAUTHENTICATED") {
                Stop::SignIn
            } else if first("factor-first") {
                Stop::Enrol
            } else if has("FORBIDDEN") {
                Stop::Forbidden
            } else if has("NOT_FOUND") || has("BAD_USER_INPUT") {
                // Ids and dates come from the address: what does not read names nothing.
                Stop::NotFound
            } else {
                tracing::error!(operation, ?errors, "a page's document failed");
                let id = errors.iter().find_map(|e| e.pointer("/extensions/requestId")).and_then(Value::as_str);
                Stop::Failed(id.unwrap_or_default().to_owned())
            });
        }
        Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
    }

    /// Buys a new access token with the refresh token; signs out when it buys none.
    async fn refreshed(&self) -> Option<String> {
        let spent = self.session.refresh()?;
        let mut kept = self.console.refreshes.lock().await;
        kept.retain(|_, (at, _)| at.elapsed() < KEPT);
        let bought = match kept.get(&spent) {
            Some((_, tokens)) => Some(tokens.clone()),
            None => sign_in::refresh(self, &spent).await,
        };
        let Some(tokens) = bought else {
            self.session.clear();
            return None;
        };
        kept.insert(spent, (tokio::time::Instant::now(), tokens.clone()));
        drop(kept);
        let access = tokens.access.clone();
        self.session.set(tokens);
        Some(access)
    }

    /// Signs in with these tokens from now on.
    pub fn signed_in(&self, tokens: Tokens) {
        self.session.set(tokens);
    }

    /// This page as a file of either kind, under the same filters.
    pub fn files(&self) -> (String, String) {
        let file = |kind| self.with(&[("after", ""), ("page", ""), ("as", kind)]);
        (file("csv"), file("xlsx"))
    }

    /// The frame of a page with this title.
    pub fn frame(&self, title: impl Into<String>) -> Frame {
        frame(&self.session, &self.uri, title.into())
    }

    /// Answers with a page.
    ///
    /// # Errors
    /// None; the shape fits the end of a handler.
    pub fn page(&self, template: &impl Template) -> Answer {
        Ok(render(template))
    }

    /// Answers with a form whose values were refused (422), as HTTP and screen readers expect it.
    ///
    /// # Errors
    /// None; the shape fits the end of a handler.
    pub fn refused(&self, template: &impl Template) -> Answer {
        Ok((StatusCode::UNPROCESSABLE_ENTITY, render(template)).into_response())
    }

    /// Goes to another page.
    ///
    /// # Errors
    /// None; the shape fits the end of a handler.
    pub fn go(&self, href: &str) -> Answer {
        Ok(see_other(href))
    }

    /// Goes to another page, which says once what was done.
    ///
    /// # Errors
    /// None; the shape fits the end of a handler.
    pub fn done(&self, href: &str, what: impl Into<String>) -> Answer {
        self.session.say_next(what.into());
        self.go(href)
    }
}

fn here(uri: &Uri) -> String {
    let query: Vec<&str> =
        uri.query().unwrap_or("").split('&').filter(|p| !p.is_empty() && !p.starts_with("lang=")).collect();
    if query.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), query.join("&")) }
}

pub(crate) fn frame(session: &Session, uri: &Uri, title: String) -> Frame {
    Frame {
        w: session.w,
        title,
        here: here(uri),
        path: uri.path().to_owned(),
        viewer: session.viewer(),
        crumbs: Vec::new(),
        actions: Vec::new(),
        flash: session.take_flash(),
        refresh: None,
        reload: false,
    }
}

pub(crate) fn render(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Page(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template failed");
            Stop::Failed(String::new()).into_response()
        }
    }
}

fn see_other(href: &str) -> Response {
    let location = HeaderValue::from_str(href).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

fn has_code(answer: &Value, code: &str) -> bool {
    let errors = answer.get("errors").and_then(Value::as_array);
    errors.is_some_and(|errors| {
        errors.iter().any(|e| e.pointer("/extensions/code").and_then(Value::as_str) == Some(code))
    })
}

fn read<T: DeserializeOwned>(operation: &'static str, value: Value) -> Result<T, Stop> {
    serde_json::from_value(value).map_err(|error| {
        tracing::error!(operation, %error, "a page cannot read its data");
        Stop::Failed(String::new())
    })
}
