//! Loads run on the request's own task, each only when every field that can go on has gone on: what is asked for
//! together is loaded together, whatever else the machine does meanwhile. Statements a request are therefore exact.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use async_graphql::runtime::Timer;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use futures_util::task::{FutureObj, Spawn, SpawnError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Hands loads over to [`Loads`].
pub(crate) struct Spawner(UnboundedSender<FutureObj<'static, ()>>);

impl Spawn for Spawner {
    fn spawn_obj(&self, load: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.0.send(load).map_err(|_| SpawnError::shutdown())
    }
}

/// No waiting: whatever could be asked for has been asked for when a load is polled first.
pub(crate) struct AtOnce;

impl Timer for AtOnce {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// The loads of one request.
pub(crate) struct Loads(UnboundedReceiver<FutureObj<'static, ()>>);

impl Loads {
    pub(crate) fn new() -> (Spawner, Self) {
        let (spawner, loads) = unbounded_channel();
        (Spawner(spawner), Self(loads))
    }

    /// Runs the request, and its loads whenever the request itself has to wait.
    pub(crate) async fn drive<F: Future>(mut self, request: F) -> F::Output {
        let mut request = pin!(request);
        let mut running = FuturesUnordered::new();
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(answer) = request.as_mut().poll(cx) {
                    return Poll::Ready(answer);
                }
                let mut moved = false;
                while let Poll::Ready(Some(load)) = self.0.poll_recv(cx) {
                    running.push(load);
                    moved = true;
                }
                while let Poll::Ready(Some(())) = running.poll_next_unpin(cx) {
                    moved = true;
                }
                if !moved {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}
