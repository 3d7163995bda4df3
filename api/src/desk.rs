//! What the console leans on: the same API, the same files.

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;
use tokio_util::io::StreamReader;
use voxpark_console::exec::Body;
use voxpark_console::{Call, Executor, Problem, StoredFile};
use voxpark_domain::identity::Client;
use voxpark_domain::{Error, ctx};
use voxpark_graphql as graphql;
use voxpark_infra::files::Upload;

use crate::compose::App;
use crate::edge::{fresh_id, identity_client, status_and_words};

/// The console's side of the installation.
#[derive(Clone, Debug)]
pub struct Desk(pub App);

fn lang(lang: voxpark_console::Lang) -> ctx::Lang {
    match lang {
        voxpark_console::Lang::Zh => ctx::Lang::Zh,
        voxpark_console::Lang::En => ctx::Lang::En,
    }
}

fn asked(call: Call) -> graphql::Call {
    graphql::Call {
        document: call.document.to_owned(),
        document_id: None,
        operation: call.operation.map(ToOwned::to_owned),
        variables: call.variables,
        bearer: call.bearer,
        lang: Some(lang(call.lang)),
        safe: false,
        request: fresh_id(),
        client: identity_client(call.client),
    }
}

#[async_trait]
impl Executor for Desk {
    async fn execute(&self, call: Call) -> Value {
        self.0.ask(asked(call)).await.body
    }

    fn follow(&self, call: Call) -> BoxStream<'static, Value> {
        let ended = self.0.stopping.clone().cancelled_owned();
        let answers = self.0.api.answers(asked(call));
        let answers = stream::unfold(answers, |mut answers| async { Some((answers.recv().await?.body, answers)) });
        answers.take_until(ended).boxed()
    }

    async fn store_file(
        &self,
        bearer: Option<&str>,
        tongue: voxpark_console::Lang,
        name: &str,
        media_type: &str,
        body: Body<'_>,
    ) -> Result<StoredFile, Problem> {
        let request = fresh_id();
        let taken = async {
            let bearer = bearer.ok_or(Error::Unauthenticated)?;
            let (ctx, _) =
                self.0.api.services().authenticate(bearer, Some(lang(tongue)), &request, &Client::default()).await?;
            let upload = Upload { name, declared: media_type, purpose: None };
            self.0.take_file(&ctx, upload, StreamReader::new(body.map_err(std::io::Error::other))).await
        };
        match taken.await {
            Ok(file) => Ok(StoredFile {
                id: file.id.to_string(),
                name: file.name,
                bytes: u64::try_from(file.bytes).unwrap_or_default(),
            }),
            Err(error) => {
                let (status, _, message) = status_and_words(&error, lang(tongue), &request);
                Err(Problem { status: status.as_u16(), message })
            }
        }
    }

    async fn taken_away(&self, bearer: Option<&str>, list: &str, form: &str) -> Result<(), Problem> {
        let request = fresh_id();
        let told = async {
            let bearer = bearer.ok_or(Error::Unauthenticated)?;
            let (ctx, _) = self.0.api.services().authenticate(bearer, None, &request, &Client::default()).await?;
            self.0.api.recorder().exported(&ctx, list, form).await
        };
        told.await.map_err(|error| {
            let (status, _, message) = status_and_words(&error, ctx::Lang::En, &request);
            Problem { status: status.as_u16(), message }
        })
    }

    fn fresh_key(&self) -> String {
        fresh_id()
    }
}
