//! Answers that follow one another: a subscription is asked again when news comes, for as long as somebody listens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::ServerError;
use serde_json::Value;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use voxpark_domain::ids::UserId;
use voxpark_domain::news::{Notice, Topic};

use crate::api::{Answer, Api, Call, Round};
use crate::document::Document;
use crate::error;

/// What comes so close together is told as one.
const GATHER: Duration = Duration::from_millis(50);
/// How long a silent subscription goes on before it is looked at again: whether its caller may still see it.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Subscriptions that one user may have open.
const MOST: usize = 100;

/// How many subscriptions each user has open.
#[derive(Default)]
pub(crate) struct Streams(Mutex<HashMap<UserId, usize>>);

/// One open subscription.
struct Open(Arc<Streams>, UserId);

impl Streams {
    fn open(self: &Arc<Self>, user: UserId) -> Option<Open> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user).or_default();
        (*count < MOST).then(|| {
            *count += 1;
            Open(Arc::clone(self), user)
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.1);
            }
        }
    }
}

impl Api {
    /// The answers to any operation: one to a query or a change, one after the other to a subscription. Ends with the
    /// last of them, or once nobody listens; an answer that was not executed is the last.
    pub fn answers(&self, call: Call) -> mpsc::Receiver<Answer> {
        let (out, answers) = mpsc::channel(1);
        let this = self.clone();
        tokio::spawn(async move { this.follow(call, out).await });
        answers
    }

    async fn follow(&self, call: Call, out: mpsc::Sender<Answer>) {
        // From before the first reading: nothing that changes after it is missed.
        let mut news = (self.services().news)();
        let document = self.document(&call).map(Arc::new);
        let call = Arc::new(call);
        let mut said: Option<Value> = None;
        let mut open = None;
        loop {
            let Some(mut round) = self.next(&call, &document, said.is_some()).await else { continue };
            if let (false, Some(user), None) = (round.watch.is_empty(), round.user, &open) {
                open = self.streams().open(user);
                if open.is_none() {
                    round = Round::from(error::too_many(call.lang.unwrap_or_default(), MOST));
                }
            }
            let last = round.watch.is_empty();
            let data = round.answer.body.get("data").cloned().unwrap_or_default();
            if last || said.as_ref() != Some(&data) {
                if out.send(round.answer).await.is_err() {
                    return;
                }
                said = Some(data);
            }
            if last {
                return;
            }
            // Also: whether the caller may still see it.
            round.watch.append(&mut round.leave);
            tokio::select! {
                () = out.closed() => return,
                () = heard(&mut news, &round.watch) => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// The next round; `None` when the caller has asked for too much for now, which a subscription under way waits out.
    async fn next(
        &self,
        call: &Arc<Call>,
        document: &Result<Arc<Document>, ServerError>,
        under_way: bool,
    ) -> Option<Round> {
        let round = self.guarded(Arc::clone(call), document.clone()).await;
        match round.answer.retry_after {
            Some(wait) if under_way => {
                tokio::time::sleep(Duration::from_secs(u64::try_from(wait).unwrap_or(1).max(1))).await;
                None
            }
            _ => Some(round),
        }
    }
}

/// Returns when something that is watched has changed.
async fn heard(news: &mut Receiver<Notice>, watched: &[Topic]) {
    loop {
        match news.recv().await {
            Ok(notice) if !notice.concerns(watched) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => break,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
    tokio::time::sleep(GATHER).await;
    while !matches!(
        news.try_recv(),
        Err(tokio::sync::broadcast::error::TryRecvError::Empty | tokio::sync::broadcast::error::TryRecvError::Closed)
    ) {}
}
