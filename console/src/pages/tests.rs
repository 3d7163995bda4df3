//! Every page in both languages, from its fixtures: `pages/<name>/fixture.json` lists requests, the answers of the
//! API to the operations they execute, and what must be seen. A page without a fixture does not compile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, header};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::FIXTURES;
use crate::exec::{self, Call, Executor, Lang, Problem, StoredFile};
use crate::{Settings, router};

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    get: Option<String>,
    post: Option<String>,
    /// Urlencoded body of a post.
    #[serde(default)]
    form: String,
    /// File of a multipart post; the other fields come from `form`.
    file: Option<String>,
    /// Whose eyes: park, reader, centre, leader, assess, agent; nobody when absent.
    r#as: Option<String>,
    #[serde(default)]
    answers: BTreeMap<String, Value>,
    /// GraphQL error code an operation fails with.
    #[serde(default)]
    fails: BTreeMap<String, String>,
    #[serde(default = "ok")]
    status: u16,
    /// The answer is a file and no page.
    #[serde(default)]
    plain: bool,
    to: Option<String>,
    #[serde(default)]
    has: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    lacks: Vec<String>,
    /// Variables an operation must have been executed with; only those named are compared.
    #[serde(default)]
    sent: BTreeMap<String, Value>,
}

fn ok() -> u16 {
    200
}

fn viewer(who: &str) -> Value {
    let binjiang = json!({ "name": "滨江呼叫产业园", "nameEn": "Binjiang Call Centre Park", "today": "2026-11-21",
        "timeZone": "Asia/Shanghai", "currency": "CNY" });
    let can = |resources: &[&str]| -> Vec<Value> {
        resources.iter().map(|r| json!({ "resource": r, "actions": ["read", "write", "commit"] })).collect()
    };
    let (role, name, tenant, can) = match who {
        "park" => (
            "PARK_ADMINISTRATOR",
            "周敏",
            Value::Null,
            can(&[
                "jobs",
                "estate",
                "tenants",
                "leasing",
                "requests",
                "pipeline",
                "billing",
                "billing_profiles",
                "access",
                "security",
                "emergencies",
            ]),
        ),
        "reader" => ("PARK_FINANCE", "何静", Value::Null, Vec::new()),
        "centre" => (
            "TENANT_MANAGER",
            "陈立",
            json!({ "name": "华信客服", "nameEn": "Huaxin Service" }),
            can(&[
                "estate",
                "leasing",
                "requests",
                "billing",
                "billing_profiles",
                "people",
                "staffing",
                "operations",
                "cost",
                "self_assessment",
                "jobs",
                "security",
                "emergencies",
            ]),
        ),
        "leader" => (
            "TEAM_LEADER",
            "赵雷",
            json!({ "name": "华信客服", "nameEn": "Huaxin Service" }),
            vec![
                json!({ "resource": "staffing", "actions": ["read", "write"] }),
                json!({ "resource": "estate", "actions": ["read"] }),
                json!({ "resource": "people", "actions": ["read"] }),
                json!({ "resource": "operations", "actions": ["read"] }),
            ],
        ),
        "officer" => ("STATISTICS_OFFICER", "周敏", Value::Null, can(&["statistics"])),
        "operator" => ("PLATFORM_OPERATOR", "运维甲", Value::Null, can(&["emergencies"])),
        "assess" => ("ASSESSOR", "林远", Value::Null, can(&["assessment"])),
        _ => ("AGENT", "王芳", Value::Null, Vec::new()),
    };
    json!({ "displayName": name, "role": role, "park": binjiang, "tenant": tenant, "can": can, "memberships": [
        { "role": role, "park": { "name": "滨江呼叫产业园", "nameEn": "Binjiang Call Centre Park" }, "tenantName": null, "scope": "a" },
        { "role": "PARK_FINANCE", "park": { "name": "滨江呼叫产业园", "nameEn": "Binjiang Call Centre Park" }, "tenantName": null, "scope": "b" }
    ] })
}

/// What is asked before anybody is signed in.
const ENTRANCE: [&str; 11] = [
    "SignIn",
    "SignInFinish",
    "SignInWays",
    "OidcBegin",
    "OidcFinish",
    "PasskeyAsk",
    "PasskeySignIn",
    "JoinOffer",
    "InvitationAccept",
    "PasswordResetRequest",
    "PasswordReset",
];

/// Answers from a case.
struct Fixture {
    case: Case,
    calls: Mutex<Vec<(String, Value)>>,
}

#[async_trait]
impl Executor for Fixture {
    async fn execute(&self, call: Call) -> Value {
        let operation = call.operation.expect("pages name their operation").to_owned();
        self.calls.lock().expect("calls").push((operation.clone(), call.variables));
        if operation == "TokenRefresh" {
            return match call.bearer {
                None => json!({ "data": { "tokenRefresh": { "accessToken": "new", "refreshToken": "next" } } }),
                Some(_) => json!({ "data": null }),
            };
        }
        let signed_in = call.bearer.as_deref().is_some_and(|b| b == "new" || b == "good");
        if !signed_in && !ENTRANCE.contains(&operation.as_str()) {
            return json!({ "data": null, "errors": [{ "message": "x", "extensions": { "code": "UNAUTHENTICATED" } }] });
        }
        let who = self.case.r#as.as_deref().unwrap_or("agent");
        if let Some(code) = self.case.fails.get(&operation) {
            let extensions = json!({ "code": code, "requestId": "req-42" });
            return json!({ "data": { "viewer": viewer(who) }, "errors": [{ "message": "x", "extensions": extensions }] });
        }
        let Some(answer) = self.case.answers.get(&operation) else {
            panic!("{}: nothing prepared for {operation}", self.case.name)
        };
        let mut data = answer.clone();
        if call.document.contains(&format!("query {operation}")) && call.document.contains("...Shell") {
            data.as_object_mut().expect("an object").entry("viewer").or_insert_with(|| viewer(who));
        }
        json!({ "data": data })
    }

    fn follow(&self, call: Call) -> BoxStream<'static, Value> {
        let operation = call.operation.expect("pages name their operation");
        let answer = self.case.answers.get(operation).map(|data| json!({ "data": data }));
        futures_util::stream::iter(answer).boxed()
    }

    async fn store_file(
        &self,
        bearer: Option<&str>,
        _: Lang,
        name: &str,
        _: &str,
        mut body: exec::Body<'_>,
    ) -> Result<StoredFile, Problem> {
        assert_eq!(bearer, Some("good"));
        let mut bytes = 0;
        while let Some(chunk) = body.next().await {
            bytes += u64::try_from(chunk.expect("a chunk").len()).expect("a length");
        }
        if name.contains("huge") {
            return Err(Problem { status: 413, message: "too large".into() });
        }
        Ok(StoredFile { id: "file_1".into(), name: name.into(), bytes })
    }

    async fn taken_away(&self, bearer: Option<&str>, list: &str, _: &str) -> Result<(), Problem> {
        assert!(bearer.is_some() && list.starts_with('/'), "{bearer:?} {list}");
        Ok(())
    }

    fn fresh_key(&self) -> String {
        "key-1".into()
    }
}

fn cases() -> impl Iterator<Item = (&'static str, Case)> {
    FIXTURES.iter().flat_map(|(folder, text)| {
        let cases: Vec<Case> = serde_json::from_str(text).unwrap_or_else(|e| panic!("{folder}: {e}"));
        assert!(!cases.is_empty(), "{folder} has no case");
        cases.into_iter().map(move |case| (*folder, case))
    })
}

fn request(case: &Case, lang: Lang, cookies: Option<&str>) -> Request<Body> {
    let path = case.get.as_ref().or(case.post.as_ref()).expect("get or post");
    let mut request = Request::builder()
        .method(if case.post.is_some() { "POST" } else { "GET" })
        .uri(path)
        .header(header::ACCEPT_LANGUAGE, lang.tag());
    let cookies = cookies.or(case.r#as.is_some().then_some("voxpark_access=good; voxpark_refresh=r"));
    if let Some(cookies) = cookies {
        request = request.header(header::COOKIE, cookies);
    }
    match &case.file {
        None => {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.body(Body::from(case.form.clone())).expect("a request")
        }
        Some(file) => {
            use std::fmt::Write as _;
            let mut body = String::new();
            for pair in case.form.split('&').filter(|p| !p.is_empty()) {
                let (name, value) = pair.split_once('=').expect("a pair");
                let value = crate::html::unpercent(value);
                let _ = write!(body, "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            }
            let _ = write!(
                body,
                "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n1,2\r\n\r\n--x--\r\n"
            );
            request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
            request.body(Body::from(body)).expect("a request")
        }
    }
}

async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), 4 << 20).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

const VOID: [&str; 6] = ["meta", "link", "input", "br", "hr", "img"];

/// Balanced tags, quoted attributes, unique ids, no inline style or script: enough of a reader to see a slip.
fn well_formed(page: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    let mut rest = page.strip_prefix("<!doctype html>").ok_or("no doctype")?;
    while let Some(at) = rest.find('<') {
        if rest[..at].contains('>') {
            return Err(format!("a stray > in {:?}", &rest[..at]));
        }
        rest = &rest[at + 1..];
        let end = rest.find('>').ok_or("an open tag at the end")?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop();
            if last != Some(name) {
                return Err(format!("</{name}> closes {last:?}"));
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        for attribute in [" style=", " onclick=", " onload=", " onchange=", " onsubmit="] {
            if tag.contains(attribute) {
                return Err(format!("inline{attribute} in <{tag}>"));
            }
        }
        if attributes.matches('"').count() % 2 != 0 {
            return Err(format!("odd quotes in <{tag}>"));
        }
        if let Some(id) = attributes.split(" id=\"").nth(1).or_else(|| attributes.strip_prefix("id=\"")) {
            let id = id.split('"').next().unwrap_or_default();
            if !ids.insert(id) {
                return Err(format!("id {id} is there twice"));
            }
        }
        if name == "style" || (name == "script" && !attributes.contains("src=")) {
            return Err(format!("inline <{name}>"));
        }
        if matches!(name, "input" | "select" | "textarea") && !tag.contains("type=\"hidden\"") {
            let labelled = open.contains(&"label") || tag.contains("aria-label=") || {
                let id = attributes.split("id=\"").nth(1).and_then(|i| i.split('"').next()).unwrap_or_default();
                page.contains(&format!("<label for=\"{id}\"")) || page.contains(&format!("for=\"{id}\">"))
            };
            if !labelled {
                return Err(format!("no label for <{tag}>"));
            }
        }
        if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("never closed: {open:?}")) }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "where to keep pages for looking at is no setting of the product")]
async fn every_page_in_both_languages() {
    let keep = std::env::var_os("VOXPARK_CONSOLE_PAGES");
    for (folder, case) in cases() {
        for lang in Lang::ALL {
            let place = format!("{folder}: {} ({})", case.name, lang.tag());
            let fixture = Arc::new(Fixture { case: case.clone(), calls: Mutex::default() });
            let app = router(fixture.clone(), Settings { passkeys: true, ..Settings::default() });
            let response = app.oneshot(request(&case, lang, None)).await.expect("an answer");
            assert_eq!(response.status().as_u16(), case.status, "{place}");
            let policy = response.headers().get(header::CONTENT_SECURITY_POLICY);
            assert!(policy.is_some(), "{place}: no policy");
            if let Some(to) = &case.to {
                let location = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
                assert_eq!(location, Some(to.as_str()), "{place}");
            }
            for (operation, expected) in &case.sent {
                let calls = fixture.calls.lock().expect("calls");
                let call = calls.iter().find(|(name, _)| name == operation);
                let variables = &call.unwrap_or_else(|| panic!("{place}: {operation} was not executed")).1;
                for (name, value) in expected.as_object().expect("an object") {
                    let got = variables.pointer(&format!("/{}", name.replace('.', "/")));
                    assert_eq!(got, Some(value), "{place}: {operation}.{name}");
                }
            }
            if case.status == 303 {
                continue;
            }
            let page = text(response).await;
            if case.plain {
                assert!(case.has["both"].iter().all(|seen| page.contains(seen)), "{place}: {page}");
                continue;
            }
            if let Some(keep) = &keep {
                let file = format!("{folder}--{}.{}.html", case.name.replace(' ', "-"), lang.tag());
                std::fs::write(std::path::Path::new(keep).join(file), &page).expect("a kept page");
            }
            well_formed(&page).unwrap_or_else(|slip| panic!("{place}: {slip}\n{page}"));
            assert!(!page.contains('⟦'), "{place}: missing words\n{page}");
            assert!(page.contains(&format!("<html lang=\"{}\">", lang.tag())), "{place}");
            for seen in case.has.get(lang.tag()).into_iter().chain(case.has.get("both")).flatten() {
                assert!(page.contains(seen.as_str()), "{place}: {seen:?} is not there\n{page}");
            }
            for unseen in &case.lacks {
                assert!(!page.contains(unseen.as_str()), "{place}: {unseen:?} is there");
            }
            let weight = page.len()
                + include_str!("../../assets/console.css").len()
                + include_str!("../../assets/console.js").len();
            assert!(weight < 200_000 || page.contains("class=\"map"), "{place}: {weight} bytes");
        }
    }
}

fn scope() -> Case {
    let text = r#"{ "name": "x", "get": "/scope", "answers": { "Scope": {} } }"#;
    serde_json::from_str(text).expect("a case")
}

async fn answer(case: Case, cookies: &str) -> (Response<Body>, Vec<String>) {
    let request = request(&case, Lang::En, Some(cookies));
    let fixture = Arc::new(Fixture { case, calls: Mutex::default() });
    let response = router(fixture.clone(), Settings { https: true, ..Settings::default() })
        .oneshot(request)
        .await
        .expect("an answer");
    let calls = fixture.calls.lock().expect("calls").iter().map(|(name, _)| name.clone()).collect();
    (response, calls)
}

fn cookies(response: &Response<Body>) -> Vec<&str> {
    response.headers().get_all(header::SET_COOKIE).iter().map(|v| v.to_str().expect("text")).collect()
}

#[tokio::test]
async fn an_expired_token_is_renewed_behind_the_page() {
    for cookie in ["voxpark_access=stale; voxpark_refresh=r", "voxpark_refresh=r"] {
        let (response, calls) = answer(scope(), cookie).await;
        assert_eq!(response.status().as_u16(), 200, "{cookie}");
        assert_eq!(calls.last().map(String::as_str), Some("Scope"));
        let set = cookies(&response);
        assert!(set.contains(&"voxpark_access=new; Path=/; HttpOnly; SameSite=Lax; Secure"), "{set:?}");
        assert!(set.iter().any(|c| c.starts_with("voxpark_refresh=next; ")), "{set:?}");
    }
    let (response, _) = answer(scope(), "voxpark_access=stale").await;
    assert_eq!(response.headers()[header::LOCATION], "/sign-in?next=%2Fscope");
}

#[tokio::test]
async fn two_tabs_spend_one_refresh_token() {
    let case = scope();
    let fixture = Arc::new(Fixture { case: case.clone(), calls: Mutex::default() });
    let app = router(fixture.clone(), Settings::default());
    for _ in 0..2 {
        let request = request(&case, Lang::En, Some("voxpark_refresh=r"));
        let response = app.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200);
    }
    let renewals = fixture.calls.lock().expect("calls").iter().filter(|(name, _)| name == "TokenRefresh").count();
    assert_eq!(renewals, 1);
}

#[tokio::test]
async fn foreign_posts_are_refused_and_unknown_pages_are_404() {
    let mut case = scope();
    case.get = None;
    case.post = Some("/sign-out".into());
    let mut request = request(&case, Lang::En, None);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().expect("a value"));
    let fixture = Arc::new(Fixture { case: scope(), calls: Mutex::default() });
    let response = router(fixture.clone(), Settings::default()).oneshot(request).await.expect("an answer");
    assert_eq!(response.status().as_u16(), 403);
    assert!(fixture.calls.lock().expect("calls").is_empty());

    let mut case = scope();
    case.get = Some("/nowhere?lang=zh-CN".into());
    let (response, _) = answer(case, "voxpark_lang=en").await;
    assert_eq!(response.status().as_u16(), 404);
    assert!(cookies(&response).iter().any(|c| c.starts_with("voxpark_lang=zh-CN; ")));
    assert!(text(response).await.contains("没有这个页面"));
}

#[tokio::test]
async fn what_stops_a_page_is_said_in_its_shell() {
    for (code, status, words) in [
        ("NOT_FOUND", 404, "There is no such page"),
        ("FORBIDDEN", 403, "You cannot do this"),
        ("INTERNAL", 500, "Request req-42"),
    ] {
        let mut case = scope();
        case.r#as = Some("park".into());
        case.fails = BTreeMap::from([("Scope".into(), code.into())]);
        let (response, _) = answer(case, "voxpark_access=good").await;
        assert_eq!(response.status().as_u16(), status);
        let page = text(response).await;
        assert!(page.contains(words) && page.contains("周敏"), "{page}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_and_a_flash_is_said_once() {
    let mut case = scope();
    case.get = Some("/assets/console.css".into());
    let (response, _) = answer(case, "").await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");

    let (response, _) =
        answer(scope(), "voxpark_access=good; voxpark_flash=%E5%B7%B2%E4%BF%9D%E5%AD%98%20%3Cb%3E").await;
    assert!(cookies(&response).iter().any(|c| c.starts_with("voxpark_flash=; ") && c.contains("Max-Age=0")));
    let page = text(response).await;
    assert!(page.contains("已保存 &#60;b&#62;"), "{page}");
}
