//! Traces by OpenTelemetry: a span for each request, operation, statement and job, sent by OTLP over HTTP.

use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::{Span as _, SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;
use voxpark_domain::{Error, Result};

use super::metrics::told;
use crate::config::Traces;

/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that is read of a collector's answer, bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Sends what is left when the process ends.
#[derive(Default)]
pub struct Flush(Option<SdkTracerProvider>);

impl fmt::Debug for Flush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flush")
    }
}

impl Flush {
    /// Sends what is left. What cannot be sent is lost, which the log says.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        // It waits for the collector, on a thread that may.
        let ended = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

/// The exporter sends from a thread of its own, which is not in the runtime that connections need.
#[derive(Clone, Debug)]
struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> std::result::Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = async move {
            let answer = client.request(request.map(Full::new)).await?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(head, body))
        };
        self.runtime.spawn(async move { tokio::time::timeout(PATIENCE, sent).await? }).await?
    }
}

/// The layer that makes spans of ours into traces.
pub(super) fn layer<S>(to: &Traces) -> Result<(Option<impl Layer<S>>, Flush)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let sender = Sender { client: Client::builder(TokioExecutor::new()).build_http(), runtime: Handle::current() };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(sender)
        .with_endpoint(&to.endpoint)
        .with_timeout(PATIENCE)
        .build()
        .map_err(Error::internal)?;
    let resource = Resource::builder_empty()
        .with_service_name("voxpark")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(to.share))))
        .build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    global::set_tracer_provider(provider.clone());
    let ours = Targets::new().with_target("voxpark", LevelFilter::INFO);
    let ours = ours.with_target("voxpark_infra", LevelFilter::INFO).with_target("voxpark_graphql", LevelFilter::INFO);
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("voxpark"))
        .with_location(false)
        .with_threads(false)
        .with_filter(ours);
    Ok((Some(spans), Flush(Some(provider))))
}

/// Headers as a propagator reads them.
struct Headers<'a>(&'a dyn Fn(&str) -> Option<&'a str>);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (self.0)(key)
    }
    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Makes a span part of the trace that a request says it belongs to (W3C Trace Context).
pub fn belongs<'a>(span: &Span, header: &'a dyn Fn(&str) -> Option<&'a str>) {
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&Headers(header)));
    if parent.span().span_context().is_valid() {
        let _ = span.set_parent(parent);
    }
}

/// A statement that has just ended, as a span below the one in which it ran.
#[expect(clippy::disallowed_methods, reason = "when a statement ran is told in real time")]
pub(crate) fn statement(caller: &'static str, sql: &str, failed: bool, took: Duration) {
    // The layer makes the context of the innermost span of ours the current one; libraries' own spans in between are not.
    let context = Context::current();
    if !context.span().span_context().is_sampled() {
        return;
    }
    let ((verb, table), end) = (told(sql), SystemTime::now());
    let tracer = global::tracer("voxpark");
    let mut span = tracer
        .span_builder(format!("{verb} {table}"))
        .with_kind(SpanKind::Client)
        .with_start_time(end.checked_sub(took).unwrap_or(end))
        .with_attributes([
            KeyValue::new("db.operation.name", verb),
            KeyValue::new("db.collection.name", table),
            KeyValue::new("db.caller", caller),
        ])
        .start_with_context(&tracer, &context);
    if failed {
        span.set_status(opentelemetry::trace::Status::error(""));
    }
    span.end_with_timestamp(end);
}
