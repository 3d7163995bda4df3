//! What one request carries: who asks, the read transaction its fields share, its loaders.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use tokio::sync::Mutex;
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::Lang;
use voxpark_domain::identity::Membership;
use voxpark_domain::news::Topic;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};

use crate::api::Services;
use crate::drive::{AtOnce, Loads};
use crate::load::Batch;
use crate::once::Answers;
use crate::throttle::{Payer, Standing, Throttle};

/// One request.
pub(crate) struct Request {
    pub(crate) services: Services,
    who: Option<(Ctx, Membership)>,
    lang: Lang,
    pub(crate) id: String,
    read: Mutex<(Option<Arc<dyn Tx>>, u64)>,
    answers: Answers,
    throttle: Arc<Throttle>,
    address: Option<IpAddr>,
    charged: std::sync::Mutex<Charged>,
    watched: std::sync::Mutex<Vec<Topic>>,
}

/// What an operation was charged.
#[derive(Clone, Copy, Default)]
pub(crate) struct Charged {
    /// Where the caller stands with it; `None` for nobody in particular.
    pub(crate) standing: Option<Standing>,
    /// Seconds to wait for, when it was too much.
    pub(crate) wait: Option<i64>,
}

impl Request {
    pub(crate) fn new(
        services: Services,
        throttle: Arc<Throttle>,
        address: Option<IpAddr>,
        who: Option<(Ctx, Membership)>,
        lang: Lang,
        id: String,
    ) -> Arc<Self> {
        let lang = who.as_ref().map_or(lang, |w| w.0.lang());
        Arc::new(Self {
            services,
            who,
            lang,
            id,
            read: Mutex::new((None, 0)),
            answers: Answers::default(),
            throttle,
            address,
            charged: std::sync::Mutex::default(),
            watched: std::sync::Mutex::default(),
        })
    }

    /// Loads in batches, and what has to drive them while the request runs.
    pub(crate) fn loader(self: &Arc<Self>) -> (DataLoader<Batch>, Loads) {
        let (spawner, loads) = Loads::new();
        (DataLoader::new(Batch(Arc::clone(self)), spawner, AtOnce), loads)
    }

    /// Who asks.
    pub(crate) fn ctx(&self) -> Result<&Ctx> {
        self.who.as_ref().map(|w| &w.0).ok_or(Error::Unauthenticated)
    }
    /// The membership acted in.
    pub(crate) fn membership(&self) -> Result<&Membership> {
        self.who.as_ref().map(|w| &w.1).ok_or(Error::Unauthenticated)
    }
    /// Takes what the operation costs; the seconds to wait for when it is too much now.
    pub(crate) fn charge(&self, cost: i64) -> std::result::Result<(), i64> {
        let payer = self.ctx().map_or(Payer::Nobody(self.address), Payer::Caller);
        let taken = self.throttle.take(payer, cost, self.services.env.now());
        let charged = match taken {
            Ok(standing) => Charged { standing, wait: None },
            Err(wait) => Charged { standing: None, wait: Some(wait) },
        };
        *self.charged.lock().unwrap_or_else(PoisonError::into_inner) = charged;
        taken.map(|_| ())
    }
    /// What it was charged.
    pub(crate) fn charged(&self) -> Charged {
        *self.charged.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// The answer is to be given again whenever this changes (subscriptions).
    pub(crate) fn watch(&self, topic: Topic) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).push(topic);
    }
    /// What the answer hangs on; nothing, when it will not change any more.
    pub(crate) fn watched(&self) -> Vec<Topic> {
        std::mem::take(&mut self.watched.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// The language of messages.
    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }
    /// The transaction that all reading of this request shares: one consistent snapshot.
    pub(crate) async fn read(&self) -> Result<Arc<dyn Tx>> {
        let mut slot = self.read.lock().await;
        if let Some(tx) = &slot.0 {
            return Ok(Arc::clone(tx));
        }
        let tx: Arc<dyn Tx> = self.services.db.begin(self.ctx()?, Mode::Read).await?.into();
        slot.0 = Some(Arc::clone(&tx));
        Ok(tx)
    }
    /// The answer to a question that others of this request may have asked before.
    pub(crate) async fn once<T: Clone + Send + Sync + 'static>(
        &self,
        question: String,
        ask: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.answers.once(question, ask).await
    }
    /// Forgets the snapshot, so that what follows a change sees it.
    pub(crate) async fn refresh(&self) {
        let mut slot = self.read.lock().await;
        self.answers.forget();
        if let Some(tx) = slot.0.take() {
            slot.1 += tx.statements();
        }
    }
    /// Ends reading; tells how many statements it took.
    pub(crate) async fn close(&self) -> u64 {
        self.refresh().await;
        self.read.lock().await.1
    }
}

/// Shorthands for resolvers.
pub(crate) trait Asking {
    fn request(&self) -> &Arc<Request>;
}

impl Asking for Context<'_> {
    fn request(&self) -> &Arc<Request> {
        self.data_unchecked::<Arc<Request>>()
    }
}
