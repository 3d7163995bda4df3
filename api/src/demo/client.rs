//! A client of the product's own API: signs in, runs mutations, uploads files.

use std::collections::HashMap;

use serde_json::{Value, json};
use voxpark_domain::{Error, Result};
use voxpark_graphql::Call;
use voxpark_infra::files::Upload;

use super::cast::PASSWORD;
use super::clock::DemoClock;
use crate::compose::App;

/// Somebody at the API, at the story's time.
pub(super) struct Client<'a> {
    pub(super) app: &'a App,
    pub(super) clock: &'a DemoClock,
    tokens: HashMap<String, (String, chrono::DateTime<chrono::Utc>)>,
    keys: u64,
}

fn wrong(what: &str, answer: &Value) -> Error {
    Error::internal(format!("the demonstration's {what} was refused: {answer}"))
}

impl<'a> Client<'a> {
    pub(super) fn new(app: &'a App, clock: &'a DemoClock) -> Self {
        Self { app, clock, tokens: HashMap::new(), keys: 0 }
    }

    async fn call(&self, bearer: Option<String>, document: String, variables: Value) -> Value {
        let call = Call { document, variables, bearer, request: "demo".to_owned(), ..Call::default() };
        self.app.api.execute(call).await.body
    }

    async fn token(&mut self, who: &str) -> Result<String> {
        let now = self.app.env().now();
        if let Some((token, since)) = self.tokens.get(who)
            && (now - *since).num_minutes().abs() < 5
        {
            return Ok(token.clone());
        }
        let document = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }".to_owned();
        let input = json!({ "input": { "email": format!("{who}@demo.voxpark"), "password": PASSWORD } });
        let answer = self.call(None, document, input).await;
        let token = answer["data"]["signIn"]["accessToken"].as_str().ok_or_else(|| wrong("sign-in", &answer))?;
        self.tokens.insert(who.to_owned(), (token.to_owned(), now));
        Ok(token.to_owned())
    }

    /// Reads as somebody.
    pub(super) async fn query(&mut self, who: &str, document: &str, variables: Value) -> Result<Value> {
        let token = self.token(who).await?;
        let mut answer = self.call(Some(token), document.to_owned(), variables).await;
        if answer.get("errors").is_some() {
            return Err(wrong("query", &answer));
        }
        Ok(answer["data"].take())
    }

    /// Runs a mutation as somebody and returns its payload. Nothing may be refused.
    pub(super) async fn done(&mut self, who: &str, mutation: &str, selection: &str, mut input: Value) -> Result<Value> {
        let mut name = mutation.to_owned();
        if let Some(first) = name.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        self.keys += 1;
        if let Some(map) = input.as_object_mut() {
            map.insert("idempotencyKey".to_owned(), json!(format!("demo-{}", self.keys)));
        }
        let document = format!(
            "mutation($input: {name}Input!) {{ payload: {mutation}(input: $input) {{ {selection} userErrors {{ rule path message }} }} }}"
        );
        let token = self.token(who).await?;
        let mut answer = self.call(Some(token), document, json!({ "input": input })).await;
        let refused = answer["data"]["payload"]["userErrors"].as_array().is_none_or(|e| !e.is_empty());
        if refused || answer.get("errors").is_some() {
            return Err(wrong(mutation, &answer));
        }
        Ok(answer["data"]["payload"].take())
    }

    /// Stores a file as somebody; its id.
    pub(super) async fn upload(&mut self, who: &str, name: &str, media_type: &str, bytes: &[u8]) -> Result<String> {
        let token = self.token(who).await?;
        let (ctx, _) = self
            .app
            .api
            .services()
            .authenticate(&token, None, "demo", &voxpark_domain::identity::Client::default())
            .await?;
        let upload = Upload { name, declared: media_type, purpose: None };
        let file = self.app.filing.take(&ctx, upload, bytes).await?;
        Ok(file.id.to_string())
    }
}
