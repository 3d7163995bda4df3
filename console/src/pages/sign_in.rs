//! Sign-in, sign-out, and the renewal of tokens behind the pages.

use askama::Template;
use axum::Router;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use crate::exec::Call;
use crate::form::{Choice, Form};
use crate::frame::{Frame, Membership};
use crate::html::link;
use crate::session::Tokens;
use crate::visit::{Answer, Found as _, Stop, Visit};
use crate::words::Words;
use crate::{Console, pages::scope};

pub(crate) const DOCUMENT: &str = document!(alone "sign-in");

#[derive(Template)]
#[template(path = "sign-in/page.html")]
struct Page {
    f: Frame,
    form: Form,
    roles: Vec<Choice>,
    ways: Ways,
    passkeys: bool,
}

/// Ways to sign in beside a password.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ways {
    pub(crate) providers: Vec<Provider>,
    by_address: bool,
}

/// A system whose accounts are good for signing in.
#[derive(Deserialize)]
pub(crate) struct Provider {
    pub(crate) id: String,
    pub(crate) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    sign_in_ways: Ways,
}

/// The ways there are; with a mail address, those that it leads to.
pub(crate) async fn ways(visit: &Visit, email: Option<&str>) -> Result<Ways, Stop> {
    let data: Data = visit.load(DOCUMENT, "SignInWays", json!({ "email": email })).await?;
    Ok(data.sign_in_ways)
}

/// What every act that signs in answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    #[serde(default)]
    challenge: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    #[serde(default)]
    memberships: Option<Vec<Membership>>,
}

impl SignedIn {
    /// What a wanted second factor is given with.
    pub(crate) fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// Goes on where the visit led to, or to the choice of what to act as.
    pub(crate) fn go(&self, visit: &Visit, next: &str) -> Answer {
        visit.signed_in(self.tokens().found()?);
        let choose = self.memberships.as_ref().is_some_and(|m| m.len() > 1);
        visit.go(&if choose { link("/scope", &[("next", next)]) } else { next.to_owned() })
    }

    pub(crate) fn tokens(&self) -> Option<Tokens> {
        Some(Tokens { access: self.access_token.clone()?, refresh: self.refresh_token.clone()? })
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/sign-in", get(show).post(sign_in)).route("/sign-in/code", post(finish)).route("/sign-out", post(sign_out))
}

/// A path of this console to go on to; anything else (another site, a protocol-relative link) leads home.
pub(crate) fn inside(next: &str) -> &str {
    let mut bytes = next.bytes();
    let fine = bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\'));
    if fine && next.bytes().all(|b| b > b' ' && b != 0x7f) { next } else { "/" }
}

async fn show(visit: Visit) -> Answer {
    let form = Form::new().default_value("next", inside(visit.q("next")));
    page(&visit, form, Vec::new(), false).await
}

/// The page; the second half of it when the form carries a challenge.
pub(crate) async fn page(visit: &Visit, form: Form, roles: Vec<Choice>, refused: bool) -> Answer {
    let (ways, passkeys) = (ways(visit, None).await?, visit.console.settings.passkeys);
    let page = Page { f: visit.frame(visit.w.s("sign-in-title")), form, roles, ways, passkeys };
    if refused { visit.refused(&page) } else { visit.page(&page) }
}

async fn sign_in(visit: Visit, mut form: Form) -> Answer {
    form.required("email", visit.w);
    form.required("password", visit.w);
    if form.is_refused() {
        return page(&visit, form.without("password"), Vec::new(), true).await;
    }
    let input = json!({
        "email": form.value("email"), "password": form.raw("password"), "scope": form.optional("scope"),
    });
    let next = inside(form.value("next")).to_owned();
    match visit.act::<SignedIn>(DOCUMENT, "SignIn", input).await? {
        Err(errors) => page(&visit, form.without("password").refused(errors), Vec::new(), true).await,
        Ok(SignedIn { challenge: Some(challenge), .. }) => {
            page(&visit, form.without("password").default_value("challenge", challenge), Vec::new(), false).await
        }
        Ok(done) => {
            let memberships = done.memberships.as_deref().unwrap_or_default();
            match done.tokens() {
                Some(tokens) => {
                    visit.signed_in(tokens);
                    let choose = memberships.len() > 1 && form.value("scope").is_empty();
                    visit.go(&if choose { link("/scope", &[("next", &next)]) } else { next })
                }
                None => page(&visit, form.without("password"), roles(visit.w, memberships), false).await,
            }
        }
    }
}

/// The second factor.
async fn finish(visit: Visit, mut form: Form) -> Answer {
    form.required("code", visit.w);
    if form.is_refused() {
        return page(&visit, form, Vec::new(), true).await;
    }
    let input = json!({ "challenge": form.value("challenge"), "code": form.value("code") });
    match visit.act::<SignedIn>(DOCUMENT, "SignInFinish", input).await? {
        Err(errors) => {
            // A sign-in that took too long begins anew.
            let late = errors.iter().any(|e| e.rule == "challenge-late");
            let form = form.without("code").refused(errors);
            page(&visit, if late { form.without("challenge") } else { form }, Vec::new(), true).await
        }
        Ok(done) => done.go(&visit, inside(form.value("next"))),
    }
}

fn roles(w: Words, memberships: &[Membership]) -> Vec<Choice> {
    memberships.iter().map(|m| Choice::new(&m.scope, scope::label(w, m))).collect()
}

async fn sign_out(visit: Visit) -> Answer {
    // Whatever the API answers, this browser forgets its tokens.
    if visit.session.access().is_some() || visit.session.refresh().is_some() {
        let _ = visit.act::<serde_json::Value>(DOCUMENT, "SignOut", json!({})).await;
    }
    visit.session.clear();
    visit.done("/sign-in", visit.w.s("sign-out-done"))
}

/// Buys new tokens for a refresh token; none when it is spent, expired or revoked.
pub(crate) async fn refresh(visit: &Visit, token: &str) -> Option<Tokens> {
    let call = Call {
        document: DOCUMENT,
        operation: Some("TokenRefresh"),
        variables: json!({ "input": { "refreshToken": token } }),
        bearer: None,
        lang: visit.w.lang,
        client: visit.session.client.clone(),
    };
    let mut answer = visit.console.executor.execute(call).await;
    let payload = answer.pointer_mut("/data/tokenRefresh")?.take();
    serde_json::from_value::<SignedIn>(payload).ok()?.tokens()
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn the_way_on_stays_inside() {
        for (next, way) in [
            ("/park/leases?after=x", "/park/leases?after=x"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nb", "/"),
            ("", "/"),
        ] {
            assert_eq!(inside(next), way, "{next}");
        }
    }
}
