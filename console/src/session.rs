//! Who is here: tokens in cookies, language, refusal of foreign posts, headers of every answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HOST, ORIGIN,
    REFERRER_POLICY, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use crate::Console;
use crate::exec::{Client, Lang};
use crate::frame::{Flash, Viewer};
use crate::html::{link, percent, unpercent};
use crate::pages::confirm;
use crate::visit::Stop;
use crate::words::Words;

/// Cookie of the access token.
pub const ACCESS_COOKIE: &str = "voxpark_access";
/// Cookie of the refresh token.
pub const REFRESH_COOKIE: &str = "voxpark_refresh";
const LANG_COOKIE: &str = "voxpark_lang";
const FLASH_COOKIE: &str = "voxpark_flash";
/// Cookie of a sign-in that waits for its provider.
pub(crate) const WAY_COOKIE: &str = "voxpark_way";
/// Cookie of a browser that was asked for a passkey.
pub(crate) const KEY_COOKIE: &str = "voxpark_key";
/// Cookies of what waits; each for ten minutes.
const TICKETS: [&str; 2] = [WAY_COOKIE, KEY_COOKIE];
const TICKET_SECONDS: u32 = 600;
const MONTH_SECONDS: u32 = 30 * 24 * 3600;
const YEAR_SECONDS: u32 = 365 * 24 * 3600;

/// Content of the policy: nothing but our own files, no inline script, no inline style, no frame.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// The tokens of a signed-in person.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// Short-lived, sent with every call.
    pub access: String,
    /// Long-lived, buys the next access token once.
    pub refresh: String,
}

/// Tokens bought lately, by the refresh token that bought them: two tabs that wake together spend one token.
pub type Refreshes = tokio::sync::Mutex<HashMap<String, (Instant, Tokens)>>;
/// How long a bought pair answers for the spent token.
pub const KEPT: Duration = Duration::from_secs(30);

/// The access token of a request, for edges beside the console (file downloads).
pub fn access_token(headers: &HeaderMap) -> Option<String> {
    cookie(headers, ACCESS_COOKIE)
}

/// Where a browser that was signed in buys a new access token and comes back from; none for any other client.
pub fn renewal(headers: &HeaderMap, path: &str) -> Option<String> {
    let browser = !headers.contains_key(AUTHORIZATION) && cookie(headers, REFRESH_COOKIE).is_some();
    browser.then(|| link("/renew", &[("next", path)]))
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, v)| *n == name && !v.is_empty())
        .map(|(_, v)| unpercent(v))
}

/// The largest form, bytes; files are streamed and not kept.
const MAX_FORM: usize = 1 << 20;
/// The field of a form that proves again who its sender is.
pub(crate) const PROOF: &str = "confirm-password";

#[derive(Default)]
struct Inside {
    access: Option<String>,
    refresh: Option<String>,
    tokens_changed: bool,
    viewer: Option<Viewer>,
    flash_in: Option<String>,
    flash_read: bool,
    flash_out: Option<String>,
    tickets_in: Vec<(&'static str, String)>,
    tickets_out: Vec<(&'static str, Option<String>)>,
}

/// One request's view of who is here; changes are written back as cookies.
pub struct Session {
    /// The language of the request.
    pub w: Words,
    /// The machine the request comes from.
    pub client: Client,
    posted: Vec<(String, String)>,
    inside: Mutex<Inside>,
}

impl Session {
    fn of(request: &Request) -> (Self, bool) {
        let headers = request.headers();
        let asked = request.uri().query().unwrap_or("").split('&').find_map(|p| p.strip_prefix("lang="));
        let asked = asked.and_then(Lang::from_tag);
        let kept = cookie(headers, LANG_COOKIE).as_deref().and_then(Lang::from_tag);
        let offered = || headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).map(Lang::negotiate);
        let lang = asked.or(kept).or_else(offered).unwrap_or_default();
        let inside = Inside {
            access: cookie(headers, ACCESS_COOKIE),
            refresh: cookie(headers, REFRESH_COOKIE),
            flash_in: cookie(headers, FLASH_COOKIE),
            tickets_in: TICKETS.iter().filter_map(|name| Some((*name, cookie(headers, name)?))).collect(),
            ..Inside::default()
        };
        let client = request.extensions().get::<Client>().cloned().unwrap_or_default();
        let session = Self { w: Words::new(lang), client, posted: Vec::new(), inside: Mutex::new(inside) };
        (session, asked.is_some() && asked != kept)
    }

    /// The fields of the form that was sent.
    pub(crate) fn posted(&self) -> &[(String, String)] {
        &self.posted
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The access token.
    pub fn access(&self) -> Option<String> {
        self.lock().access.clone()
    }

    /// The refresh token.
    pub fn refresh(&self) -> Option<String> {
        self.lock().refresh.clone()
    }

    /// Signs in, or goes on with new tokens.
    pub fn set(&self, tokens: Tokens) {
        let mut inside = self.lock();
        inside.access = Some(tokens.access);
        inside.refresh = Some(tokens.refresh);
        inside.tokens_changed = true;
    }

    /// Signs out.
    pub fn clear(&self) {
        let mut inside = self.lock();
        inside.access = None;
        inside.refresh = None;
        inside.tokens_changed = true;
    }

    /// Leaves something with this browser alone until it comes back with it.
    pub(crate) fn leave_ticket(&self, name: &'static str, text: String) {
        self.lock().tickets_out.push((name, Some(text)));
    }

    /// What was left with this browser, taken back.
    pub(crate) fn take_ticket(&self, name: &'static str) -> Option<String> {
        let mut inside = self.lock();
        let found = inside.tickets_in.iter().find(|(n, _)| *n == name).map(|(_, text)| text.clone());
        if found.is_some() {
            inside.tickets_out.push((name, None));
        }
        found
    }

    /// Who looks, once a page has asked.
    pub fn viewer(&self) -> Option<Viewer> {
        self.lock().viewer.clone()
    }

    /// Keeps who looks.
    pub fn set_viewer(&self, viewer: Viewer) {
        self.lock().viewer = Some(viewer);
    }

    /// What the next page says once.
    pub fn say_next(&self, text: String) {
        self.lock().flash_out = Some(text);
    }

    /// What the last page left to say.
    pub fn take_flash(&self) -> Option<Flash> {
        let mut inside = self.lock();
        inside.flash_read = true;
        inside.flash_in.take().map(|text| Flash { text })
    }

    fn write(&self, headers: &mut HeaderMap, https: bool, keep_lang: bool) {
        let mut set = |name: &str, value: &str, age: Option<u32>| {
            let value = percent(value);
            let age = age.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
            let secure = if https { "; Secure" } else { "" };
            let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}");
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.append(SET_COOKIE, value);
            }
        };
        let inside = self.lock();
        if inside.tokens_changed {
            if let (Some(access), Some(refresh)) = (&inside.access, &inside.refresh) {
                set(ACCESS_COOKIE, access, None);
                set(REFRESH_COOKIE, refresh, Some(MONTH_SECONDS));
            } else {
                set(ACCESS_COOKIE, "", Some(0));
                set(REFRESH_COOKIE, "", Some(0));
            }
        }
        if keep_lang {
            set(LANG_COOKIE, self.w.lang.tag(), Some(YEAR_SECONDS));
        }
        for (name, text) in &inside.tickets_out {
            set(name, text.as_deref().unwrap_or_default(), Some(if text.is_some() { TICKET_SECONDS } else { 0 }));
        }
        if let Some(text) = &inside.flash_out {
            set(FLASH_COOKIE, text, Some(60));
        } else if inside.flash_read {
            set(FLASH_COOKIE, "", Some(0));
        }
    }
}

/// Carries the session through a request: reads cookies, renders what stopped a page, writes cookies.
pub async fn carry(State(console): State<Console>, mut request: Request, next: Next) -> Response {
    let (mut session, keep_lang) = Session::of(&request);
    let uri = request.uri().clone();
    let proof = match form(&mut request).await {
        Ok(Some(fields)) => {
            let (proof, rest) = fields.into_iter().partition(|(name, _)| name == PROOF);
            session.posted = rest;
            Vec::into_iter(proof).next().map(|(_, value)| value)
        }
        Ok(None) => None,
        Err(status) => return status.into_response(),
    };
    let session = Arc::new(session);
    request.extensions_mut().insert(Arc::clone(&session));
    // A form that comes with a proof of who sends it is done once the proof holds.
    let mut response = match proof {
        Some(proof) => match confirm::prove(&console, &session, &uri, &proof).await {
            Ok(()) => next.run(request).await,
            Err(stop) => stop.into_response(),
        },
        None => next.run(request).await,
    };
    if let Some(stop) = response.extensions_mut().remove::<Stop>() {
        response = stop.render(&session, &uri);
    }
    session.write(response.headers_mut(), console.settings.https, keep_lang);
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    response
}

/// Reads the fields of a form and leaves them to be read again; none for anything else.
async fn form(request: &mut Request) -> Result<Option<Vec<(String, String)>>, StatusCode> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if request.method().is_safe() || !kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(None);
    }
    let body = std::mem::take(request.body_mut());
    let bytes = to_bytes(body, MAX_FORM).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let read = |part: &str| unpercent(&part.replace('+', " "));
    let text = String::from_utf8_lossy(&bytes);
    let pairs = text.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")));
    let fields = pairs.map(|(name, value)| (read(name), read(value))).collect();
    *request.body_mut() = Body::from(bytes);
    Ok(Some(fields))
}

/// Refuses a state-changing request that another origin's page sent. Browsers say where a request comes from in
/// `Sec-Fetch-Site`, older ones in `Origin`; a client that sends neither is no browser and carries no one's cookies.
pub async fn same_origin(request: Request, next: Next) -> Response {
    if request.method().is_safe() || from_here(request.headers()) {
        return next.run(request).await;
    }
    StatusCode::FORBIDDEN.into_response()
}

fn from_here(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    match (text(&HeaderName::from_static("sec-fetch-site")), text(&ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => true,
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(&HOST)
        }
    }
}

/// The headers of every answer of the console.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_of_other_origins_are_told_apart() {
        let with = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            from_here(&headers)
        };
        assert!(with(&[]));
        assert!(with(&[("sec-fetch-site", "same-origin"), ("origin", "http://x"), ("host", "y")]));
        assert!(!with(&[("sec-fetch-site", "same-site")]));
        assert!(!with(&[("sec-fetch-site", "cross-site")]));
        assert!(with(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]));
        assert!(!with(&[("origin", "http://evil.example"), ("host", "127.0.0.1:8080")]));
        assert!(!with(&[("origin", "null"), ("host", "127.0.0.1:8080")]));
    }

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("a=1; voxpark_access=x.y-z; b="));
        assert_eq!(access_token(&headers).as_deref(), Some("x.y-z"));
        assert_eq!(cookie(&headers, "b"), None);
    }
}
