//! Figures of a tenant are the same whichever item of a list leads to it: what is asked alike is asked once a request.

use std::any::Any;
use std::collections::HashMap;
use std::fmt::{Display, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use tokio::sync::OnceCell;
use voxpark_domain::{Error, Result};

type Answer = OnceCell<Box<dyn Any + Send + Sync>>;

/// The answers of a request so far.
#[derive(Default)]
pub(crate) struct Answers(Mutex<HashMap<String, Arc<Answer>>>);

impl Answers {
    /// The answer to a question, asked unless it is known or being asked.
    pub(crate) async fn once<T: Clone + Send + Sync + 'static>(
        &self,
        question: String,
        ask: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let cell = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(question).or_default())
        };
        let answer = cell.get_or_try_init(async || Ok::<_, Error>(Box::new(ask.await?) as _)).await?;
        answer.downcast_ref().cloned().ok_or_else(|| Error::internal("one question with two kinds of answer"))
    }

    /// What was known may have changed.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What the field being resolved asks of the object with this id (empty for the one there is): field and arguments.
pub(crate) fn question(gql: &Context<'_>, of: impl Display) -> async_graphql::Result<String> {
    let field = gql.field();
    let mut question = format!("{of}.{}", field.name());
    for (name, value) in field.arguments()? {
        let _ = write!(question, " {name}:{value}");
    }
    Ok(question)
}
