//! Figures of this process for Prometheus: by route, operation, statement and job.
//!
//! Labels come from closed lists (routes, names of known documents, tables, kinds of job), so that no caller can make
//! series, and nothing of a request is in them.

use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sql {
    caller: &'static str,
    verb: &'static str,
    table: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Job {
    kind: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: String,
}

type Times<L> = Family<L, Histogram, fn() -> Histogram>;

/// 0.5 ms to 32 s.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 2.0, 17))
}
/// 1 to 512.
fn counts() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 10))
}

/// What is counted and timed.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Times<Request>,
    operations: Times<Operation>,
    statements: Times<Operation>,
    sql: Times<Sql>,
    sql_failed: Family<Sql, Counter>,
    jobs: Times<Job>,
    waiting: Family<Kind, Gauge>,
    oldest: Family<Kind, Gauge<f64, AtomicU64>>,
    given_up: Family<Kind, Gauge>,
    differing: Counter,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// The figures of this process.
pub fn metrics() -> &'static Metrics {
    &METRICS
}

/// Where jobs of a kind stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Census {
    /// The kind.
    pub kind: String,
    /// How many wait, are tried again or run.
    pub waiting: i64,
    /// For how long the oldest has been due, seconds.
    pub oldest: f64,
    /// How many were given up.
    pub given_up: i64,
}

impl Metrics {
    fn new() -> Self {
        let mut registry = Registry::with_prefix("voxpark");
        let requests = Times::<Request>::new_with_constructor(seconds);
        registry.register_with_unit("http_request", "Time of HTTP requests", Unit::Seconds, requests.clone());
        let operations = Times::<Operation>::new_with_constructor(seconds);
        registry.register_with_unit(
            "graphql_operation",
            "Time of GraphQL operations",
            Unit::Seconds,
            operations.clone(),
        );
        let statements = Times::<Operation>::new_with_constructor(counts);
        registry.register("graphql_statements", "SQL statements of a GraphQL operation", statements.clone());
        let sql = Times::<Sql>::new_with_constructor(seconds);
        registry.register_with_unit("sql_statement", "Time of SQL statements", Unit::Seconds, sql.clone());
        let sql_failed = Family::<Sql, Counter>::default();
        registry.register("sql_failures", "SQL statements that failed", sql_failed.clone());
        let jobs = Times::<Job>::new_with_constructor(seconds);
        registry.register_with_unit("job", "Time of background jobs", Unit::Seconds, jobs.clone());
        let waiting = Family::<Kind, Gauge>::default();
        registry.register("jobs_waiting", "Background jobs that wait or run", waiting.clone());
        let oldest = Family::<Kind, Gauge<f64, AtomicU64>>::default();
        registry.register_with_unit(
            "jobs_oldest",
            "How long the oldest background job is due",
            Unit::Seconds,
            oldest.clone(),
        );
        let given_up = Family::<Kind, Gauge>::default();
        registry.register("jobs_given_up", "Background jobs that were given up", given_up.clone());
        let differing = Counter::default();
        registry.register(
            "invoices_differing",
            "Invoices that did not come out as they were issued",
            differing.clone(),
        );
        Self { registry, requests, operations, statements, sql, sql_failed, jobs, waiting, oldest, given_up, differing }
    }

    /// A request by its route (the pattern, not the path).
    pub fn request(&self, route: &str, method: &str, status: u16, took: Duration) {
        let label = Request { route: route.to_owned(), method: method.to_owned(), status };
        self.requests.get_or_create(&label).observe(took.as_secs_f64());
    }

    /// A GraphQL operation by the name of its known document, how it ended and how many statements it took.
    pub fn operation(&self, operation: &str, outcome: &str, statements: u64, took: Duration) {
        let label = Operation { operation: operation.to_owned(), outcome: outcome.to_owned() };
        self.operations.get_or_create(&label).observe(took.as_secs_f64());
        let count = u32::try_from(statements).unwrap_or(u32::MAX);
        self.statements.get_or_create(&label).observe(f64::from(count));
    }

    /// A statement of a class of caller.
    pub fn statement(&self, caller: &'static str, sql: &str, failed: bool, took: Duration) {
        let (verb, table) = told(sql);
        let label = Sql { caller, verb, table };
        self.sql.get_or_create(&label).observe(took.as_secs_f64());
        if failed {
            self.sql_failed.get_or_create(&label).inc();
        }
    }

    /// A try of a background job: `done`, `again` or `given_up`.
    pub fn job(&self, kind: &str, outcome: &'static str, took: Duration) {
        self.jobs.get_or_create(&Job { kind: kind.to_owned(), outcome }).observe(took.as_secs_f64());
    }

    /// Past invoices that were priced again and did not come out the same.
    pub fn invoices_differ(&self, count: usize) {
        self.differing.inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// Where jobs stand now; kinds that are not told of are gone.
    pub fn census(&self, all: &[Census]) {
        self.waiting.clear();
        self.oldest.clear();
        self.given_up.clear();
        for one in all {
            let kind = Kind { kind: one.kind.clone() };
            self.waiting.get_or_create(&kind).set(one.waiting);
            self.oldest.get_or_create(&kind).set(one.oldest);
            self.given_up.get_or_create(&kind).set(one.given_up);
        }
    }

    /// Everything as text (OpenMetrics).
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// What a statement does to which table: words of closed lists.
pub fn told(sql: &str) -> (&'static str, &'static str) {
    let mut words = sql.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    let known = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].into_iter().find(|v| v.eq_ignore_ascii_case(first));
    let Some(verb) = known else { return ("other", "") };
    let named = if verb == "UPDATE" {
        words.next()
    } else {
        words.skip_while(|w| !w.eq_ignore_ascii_case("FROM") && !w.eq_ignore_ascii_case("INTO")).nth(1)
    };
    let name = named.unwrap_or_default().trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    (verb, voxpark_migrations::rule(name).map_or("", |rule| rule.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_by_verb_and_table() {
        for (sql, verb, table) in [
            ("SELECT \"seat\".\"code\" FROM \"seat\" WHERE 1 = 1", "SELECT", "seat"),
            ("SELECT s.code\n FROM seat s JOIN zone z", "SELECT", "seat"),
            ("INSERT INTO audit_event (park_id) VALUES ($1)", "INSERT", "audit_event"),
            ("update \"job\" set state = $1", "UPDATE", "job"),
            ("DELETE FROM wrong_try", "DELETE", "wrong_try"),
            ("WITH x AS (SELECT 1) SELECT * FROM x", "WITH", ""),
            ("SELECT 王芳 FROM \"secret'); DROP\"", "SELECT", ""),
            ("SET LOCAL app.park_id = ''", "other", ""),
            ("", "other", ""),
        ] {
            assert_eq!(told(sql), (verb, table), "{sql}");
        }
    }

    #[test]
    fn figures_come_out_as_text() {
        let metrics = Metrics::new();
        metrics.request("/graphql", "POST", 200, Duration::from_millis(3));
        metrics.operation("ParkHome", "ok", 7, Duration::from_millis(2));
        metrics.statement("park", "SELECT 1 FROM seat", true, Duration::from_micros(300));
        metrics.job("letters", "done", Duration::from_secs(1));
        metrics.census(&[Census { kind: "letters".to_owned(), waiting: 2, oldest: 1.5, given_up: 0 }]);
        let text = metrics.text();
        for line in [
            "voxpark_http_request_seconds_count{route=\"/graphql\",method=\"POST\",status=\"200\"} 1",
            "voxpark_graphql_statements_sum{operation=\"ParkHome\",outcome=\"ok\"} 7.0",
            "voxpark_sql_failures_total{caller=\"park\",verb=\"SELECT\",table=\"seat\"} 1",
            "voxpark_job_seconds_count{kind=\"letters\",outcome=\"done\"} 1",
            "voxpark_jobs_waiting{kind=\"letters\"} 2",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        metrics.census(&[]);
        assert!(!metrics.text().contains("voxpark_jobs_waiting{"));
    }
}
