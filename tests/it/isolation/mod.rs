//! Nobody sees or changes what is not theirs: every operation, as everybody it is not meant for, on both databases, and
//! once more with either wall alone.
//!
//! A victim (tenant `a1` of park A) has rows in every table and a canary in every text that the API takes. The schema
//! is then walked: whatever can be selected is selected, as the victim (to learn its ids and to prove that the walk sees
//! everything) and as each intruder (who may find neither canary nor id). Every mutation is tried with the victim's ids
//! by each intruder, and the victim's rows must be the same afterwards. An operation or field that the walk has no
//! argument for fails the test.

mod fill;
mod rows;
pub(crate) mod schema;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use voxpark_domain::ctx::Lang;
use voxpark_graphql::Call;
use voxpark_tests::app::{World, database, user};
use voxpark_tests::{Backend, Database, on_both};

use self::schema::{Member, Schema, Use};

/// What only the tenant itself may read.
pub(crate) const PRIVATE: &str = "canary-private";
/// What the tenant and its assessor may read.
pub(crate) const ASSESSED: &str = "canary-assessed";
/// What the tenant and its park may read.
pub(crate) const SHARED: &str = "canary-shared";

/// What the park alone may read, of the victim too.
pub(crate) const COURTED: &str = "canary-courted";

/// What the world calls the tenant and its manager: for everybody of the tenant, its park and its assessors.
const NAMES: &[&str] = &["a1 呼叫中心", "a1 Centre", "a1 业务", "a1 姓名"];
/// Who of the intruders may know those names.
const ACQUAINTED: &[&str] = &["a1-agent", "park", "finance", "assessor", "program", "operator"];

/// Fields with a required argument that the walk need not enter, each with the reason.
const NOT_WALKED: &[(&str, &str)] = &[
    ("Query.node", "walked apart, id by id and type by type"),
    ("Query.nodes", "the same resolver as node, which is walked id by id"),
];

/// Who must not see what: the intruder, whether even shared things are hidden from it, and which kinds of id are its
/// own as well.
const INTRUDERS: &[(&str, bool)] = &[
    ("a2", true),
    ("other-park", true),
    ("b1", true),
    ("other-assessor", true),
    ("a1-agent", true),
    ("park", false),
    ("finance", false),
    ("assessor", false),
    ("operator", true),
];

/// Ids of the park's estate and of its providers: every tenant of the park may know them.
const ESTATE: &[&str] = &["park", "bldg", "floor", "zone", "seat", "tenant", "idp", "fplan"];
/// Ids of what the park shares with its tenant.
const SHARED_IDS: &[&str] = &[
    "lease", "sched", "alloc", "inv", "pay", "grant", "invite", "letter", "hold", "outage", "lead", "visit", "quote",
    "sreq", "paper", "settle", "photo", "bentry", "act", "cnote", "fapiao", "brun", "rrun", "plinv",
];

/// Ids of what everybody has of their own: the victim's are those that the victim itself is told.
const PERSONAL_IDS: &[&str] = &["sess", "job", "file"];

/// The victim's ids by prefix.
type Ids = BTreeMap<String, BTreeSet<String>>;

fn harvest(text: &str, into: &mut Ids) {
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        if let Some((prefix, digits)) = word.split_once('_')
            && digits.len() == 32
            && digits.bytes().all(|b| b.is_ascii_hexdigit())
        {
            into.entry(prefix.to_owned()).or_default().insert(word.to_owned());
        }
    }
}

/// The value of an argument of the walk.
fn argument(ids: &Ids, owner: &str, arg: &Member) -> Option<Value> {
    let first = |prefix: &str| ids.get(prefix).and_then(|s| s.iter().next()).map(|id| json!(id));
    match (owner, arg.name.as_str()) {
        ("Query.invitationOffer", "token") => Some(json!("0".repeat(64))),
        ("Query.auditEvents", "first") => Some(json!(100)),
        (_, "first") => Some(json!(20)),
        (_, "from") => Some(json!("2026-10-26")),
        (_, "to") => Some(json!("2026-11-21")),
        ("Park.fapiaos" | "Park.trialBalance" | "Park.vatReport", "month") => Some(json!("2026-11")),
        ("Park.statementOfAccount" | "Park.monthStatement", "tenantId") => first("tenant"),
        (_, "month") => Some(json!("2026-10")),
        ("Tenant.staffing", "target") => Some(json!({ "model": "A", "patienceSeconds": 60, "shrinkagePercent": 0 })),
        (_, "day") => Some(json!("2026-11-20")),
        ("Query.framework", "id") => Some(json!("cc-cmm-oc-2011")),
        ("Park.seatLedger", "seatId") => first("seat"),
        ("Park.settlementPreview" | "Park.leaseIndexPreview", "leaseId") => first("lease"),
        ("Park.priceBook" | "Park.priceBookCurve" | "Park.priceBookQuote", "book") => Some(json!("seats")),
        ("Park.priceBookCurve", "price") => Some(json!("seat")),
        ("Park.priceBookQuote", "seats") => Some(json!(3)),
        ("Park.priceBookQuote", "product") => Some(json!("EQUIPPED")),
        ("Park.leaseIndexPreview", "figure") => Some(json!("104.1")),
        ("Park.floor" | "Subscription.floorChanged", "id") => first("floor"),
        ("Subscription.contactImportChanged", "id") => first("import"),
        ("Subscription.billingRunChanged", "id") => first("brun"),
        _ => None,
    }
}

/// Answers to the whole walk as somebody; `None` = anonymous.
async fn walk(world: &World, who: Option<&str>, documents: &[(String, String)]) -> Vec<(String, Value)> {
    let bearer = match who {
        Some(who) => Some(world.token(who).await),
        None => None,
    };
    walk_by(world, bearer, documents).await
}

/// The same with a token.
async fn walk_by(world: &World, bearer: Option<String>, documents: &[(String, String)]) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    for (label, document) in documents {
        let call = Call {
            document: document.clone(),
            bearer: bearer.clone(),
            lang: Some(Lang::En),
            request: "walk".to_owned(),
            ..Call::default()
        };
        let first = world.wide.answers(call).recv().await.expect("every operation has a first answer");
        answers.push((label.clone(), first.body));
    }
    answers
}

/// Fetches ids, a few of each kind, with everything that can be selected of what they are.
async fn node_documents(
    world: &World,
    schema: &Schema,
    ids: &Ids,
    missing: &mut BTreeSet<String>,
) -> Vec<(String, String)> {
    let value = |owner: &str, arg: &Member| argument(ids, owner, arg);
    let mut path = vec!["Query".to_owned()];
    let mut documents = Vec::new();
    for id in ids.values().flat_map(|set| set.iter().take(4)) {
        let kind = json!({ "id": id });
        for who in ["a1", "park"] {
            let answer = world.ok(who, "query($id: ID!) { node(id: $id) { __typename } }", kind.clone()).await;
            if let Some(name) = answer["node"]["__typename"].as_str() {
                let inner = schema.selection(name, &mut path, 1, &value, missing);
                let text = format!("{{ node(id: \"{id}\") {{ __typename ... on {name} {{ {inner} }} }} }}");
                documents.push((format!("node({id})"), text));
                break;
            }
        }
    }
    documents
}

/// An input built from the victim's ids and plain values.
fn input(schema: &Schema, ids: &Ids, mutation: &str, of: &Use, missing: &mut BTreeSet<String>) -> Value {
    let mut map = serde_json::Map::new();
    for member in &schema.get(&of.name).inputs {
        match fill::value(schema, ids, mutation, &of.name, member, missing) {
            Some(value) => {
                map.insert(member.name.clone(), if member.of.list { json!([value]) } else { value });
            }
            None if member.of.required => {
                missing.insert(format!("{}.{}", of.name, member.name));
            }
            None => {}
        }
    }
    Value::Object(map)
}

struct Finding(String);

fn check(
    who: &str,
    label: &str,
    answer: &Value,
    hidden: &BTreeSet<String>,
    shared_too: bool,
    asked: &str,
    findings: &mut Vec<Finding>,
) {
    let text = answer.to_string();
    // What the operator gave as a reason for entering is its own word.
    if who == "operator" && (label.starts_with("emergencies") || label.starts_with("node(emergency_")) {
        return;
    }
    let assessed = who != "assessor" && text.contains(ASSESSED);
    let courted = !["park", "finance"].contains(&who) && text.contains(COURTED);
    let named = !ACQUAINTED.contains(&who) && NAMES.iter().any(|name| text.contains(name));
    if text.contains(PRIVATE) || assessed || courted || named || (shared_too && text.contains(SHARED)) {
        findings.push(Finding(format!("{who} reads a canary in {label}: {text}")));
    }
    let mut seen = Ids::new();
    harvest(&text, &mut seen);
    for id in seen.values().flatten().filter(|id| hidden.contains(*id) && !asked.contains(id.as_str())) {
        findings.push(Finding(format!("{who} learns {id} in {label}")));
    }
}

/// What the victim's log says that its assessor did, which the assessor may read as well.
async fn acts_of_assessor(world: &World) -> BTreeSet<String> {
    let document = "query($id: ID!) { auditEvents(first: 100, filter: { actor: $id }) { nodes { id actor } } }";
    let answer = world.ok("a1", document, json!({ "id": user("assessor").to_string() })).await;
    let mut acts = Ids::new();
    harvest(&answer.to_string(), &mut acts);
    acts.into_values().flatten().collect()
}

/// The whole proof over one world.
async fn prove(world: &World) {
    let schema = Schema::read(world).await;
    let mut assessed = fill::fill(world).await;
    assessed.extend(acts_of_assessor(world).await);
    let mut missing = BTreeSet::new();

    // The victim sees itself: its ids become known, and nothing that can be read stays unread.
    let mut ids = Ids::new();
    for _ in 0..2 {
        let value = |owner: &str, arg: &Member| argument(&ids, owner, arg);
        let documents = schema.queries(3, &value, &mut BTreeSet::new());
        let mut found = Ids::new();
        for who in ["a1", "park"] {
            for (label, answer) in walk(world, Some(who), &documents).await {
                assert!(answer.get("errors").is_none(), "{who} {label}: {answer}");
                // The log of a park is its own.
                if who == "park" && label.starts_with("auditEvents") {
                    continue;
                }
                let mut told = Ids::new();
                harvest(&answer.to_string(), &mut told);
                told.retain(|prefix, _| who == "a1" || !PERSONAL_IDS.contains(&prefix.as_str()));
                for (prefix, set) in told {
                    found.entry(prefix).or_default().extend(set);
                }
            }
        }
        // What belongs to another tenant is not the victim's.
        let mut others = Ids::new();
        for (_, answer) in walk(world, Some("a2"), &documents).await {
            harvest(&answer.to_string(), &mut others);
        }
        for (prefix, set) in found {
            if ESTATE.contains(&prefix.as_str()) {
                ids.entry(prefix).or_default().extend(set);
            } else {
                let other = others.get(&prefix).cloned().unwrap_or_default();
                ids.entry(prefix).or_default().extend(set.difference(&other).cloned());
            }
        }
    }
    if matches!(world.database, Database::Postgres(_)) {
        let silent = rows::without_canary(&world.database, world.ids.a1).await;
        let unknown: Vec<_> = silent.iter().filter(|c| !fill::WORDS.iter().any(|(word, _)| word == c)).collect();
        assert!(unknown.is_empty(), "no canary in text columns {unknown:#?}");
        let stale: Vec<_> = fill::WORDS.iter().filter(|(word, _)| !silent.iter().any(|c| c == word)).collect();
        assert!(stale.is_empty(), "a canary after all in {stale:#?}");
    }
    let sat = "{ tenant { occupancies { nodes { seat { id } } } } }";
    let sat = world.ok("a1", sat, json!({})).await["tenant"]["occupancies"]["nodes"][0]["seat"]["id"].clone();
    // Of all seats the one on which somebody sits.
    let value = |owner: &str, arg: &Member| match (owner, arg.name.as_str()) {
        ("Park.seatLedger", "seatId") => Some(sat.clone()),
        _ => argument(&ids, owner, arg),
    };
    let mut documents = schema.queries(3, &value, &mut missing);
    documents.extend(node_documents(world, &schema, &ids, &mut missing).await);
    for (field, _) in NOT_WALKED {
        missing.remove(*field);
    }
    assert!(missing.is_empty(), "the walk has no argument for {missing:?}");
    let own = walk(world, Some("a1"), &documents).await;
    let park = walk(world, Some("park"), &documents).await;
    let sees = |answers: &[(String, Value)], canary: &str| answers.iter().any(|(_, a)| a.to_string().contains(canary));
    assert!(sees(&park, SHARED), "the park does not see what is shared with it");
    assert!(sees(&park, COURTED) && !sees(&own, COURTED), "the pipeline is the park's own");
    coverage(&schema, &own, &park);

    // Everybody else sees nothing of it.
    let mut findings = Vec::new();
    let nobody = walk(world, None, &documents).await;
    for (label, answer) in &nobody {
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        let public = label.starts_with("framework")
            || label.starts_with("referenceFigures")
            || label.starts_with("rateLimit")
            || label.starts_with("signInWays")
            || label.starts_with("invitationOffer");
        assert!(code == Some("UNAUTHENTICATED") || public, "anonymous {label}: {answer}");
    }
    for (who, shared_too) in INTRUDERS {
        let hidden: BTreeSet<String> = ids
            .iter()
            .filter(|(prefix, _)| {
                let p = prefix.as_str();
                !ESTATE.contains(&p) && (*shared_too || !SHARED_IDS.contains(&p))
            })
            .flat_map(|(_, set)| set.clone())
            .filter(|id| *who != "assessor" || !assessed.contains(id))
            // Who let the assessor in knows it, and where the operator signs in it is on record.
            .filter(|id| {
                *shared_too || !["assessor", "operator", "park", "finance"].map(|w| user(w).to_string()).contains(id)
            })
            // The operator knows itself, and where it is inside.
            .filter(|id| *who != "operator" || !(id.starts_with("emergency_") || *id == user("operator").to_string()))
            .collect();
        for ((label, answer), (_, document)) in walk(world, Some(who), &documents).await.iter().zip(&documents) {
            check(who, label, answer, &hidden, *shared_too, document, &mut findings);
        }
    }

    // A program of the victim's own sees no more than its scope.
    let program = json!({ "name": "scoped", "role": "TENANT_MANAGER", "scopes": ["estate:read", "tenants:read"], "validTo": "2027-03-01",
        "idempotencyKey": "scoped" });
    let token = world.done("a1", "serviceAccountCreate", "token", program).await["token"].as_str().map(str::to_owned);
    let hidden: BTreeSet<String> =
        ids.iter().filter(|(prefix, _)| !ESTATE.contains(&prefix.as_str())).flat_map(|(_, set)| set.clone()).collect();
    let answers = walk_by(world, token.clone(), &documents).await;
    for ((label, answer), (_, document)) in answers.iter().zip(&documents) {
        check("program", label, answer, &hidden, true, document, &mut findings);
    }
    assert!(answers.iter().any(|(_, a)| a.to_string().contains("bldg_")), "the program does not see the estate it may");

    // Nobody else changes anything of it.
    let before = rows::digest(&world.database, world.ids.a1).await;
    for (who, shared_too) in INTRUDERS.iter().copied().chain([("anonymous", true), ("program", true)]) {
        let bearer = match who {
            "anonymous" => None,
            "program" => token.clone(),
            _ => Some(world.token(who).await),
        };
        for mutation in &schema.get("Mutation").fields {
            if fill::HARMLESS.contains(&mutation.name.as_str())
                || (!shared_too && fill::allowed(who, &mutation.name))
                || fill::shown(who, &mutation.name)
            {
                continue;
            }
            let input_use =
                &mutation.args.iter().find(|a| a.name == "input").expect("every mutation takes one input").of;
            let input = input(&schema, &ids, &mutation.name, input_use, &mut missing);
            let document = format!(
                "mutation {{ {}(input: {}) {{ __typename userErrors {{ rule }} }} }}",
                mutation.name,
                schema.literal(input_use, &input)
            );
            let answer = world.call(bearer.clone(), &document, json!({})).await.body;
            assert!(missing.is_empty(), "no value for {missing:?}");
            let refused = answer["data"][&mutation.name]["userErrors"].as_array().is_some_and(|e| !e.is_empty());
            let top = answer["errors"][0]["extensions"]["code"].as_str();
            // Whoever names nothing of the victim's acts on what is its own.
            let own = who != "anonymous" && !ids.values().flatten().any(|id| document.contains(id.as_str()));
            if !own && !refused && !matches!(top, Some("UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND")) {
                findings.push(Finding(format!("{who} {document} was not refused: {answer}")));
            }
        }
    }
    let after = rows::digest(&world.database, world.ids.a1).await;
    for (table, digest) in &before {
        if after.get(table) != Some(digest) {
            findings.push(Finding(format!("rows of {table} were changed by an intruder")));
        }
    }
    let text: Vec<_> = findings.iter().map(|f| f.0.as_str()).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", text.len(), text.join("\n"));
}

/// Every field of every type was read with a value by the victim or its park, or is named in `UNREAD` with a reason.
fn coverage(schema: &Schema, victim: &[(String, Value)], park: &[(String, Value)]) {
    fn visit(value: &Value, seen: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    if !inner.is_null()
                        && *inner != json!([])
                        && let Some((owner, field)) = key.split_once('_')
                    {
                        seen.insert(format!("{owner}.{field}"));
                    }
                    visit(inner, seen);
                }
            }
            Value::Array(items) => items.iter().for_each(|v| visit(v, seen)),
            _ => {}
        }
    }
    let mut seen = BTreeSet::new();
    for (_, answer) in victim.iter().chain(park) {
        visit(answer, &mut seen);
    }
    let mut unread = Vec::new();
    for (name, of) in &schema.types {
        let skip = matches!(name.as_str(), "Query" | "Mutation" | "Subscription")
            || name.ends_with("Payload")
            || of.kind != "OBJECT";
        if skip || fill::PAYLOAD_TYPES.contains(&name.as_str()) {
            continue;
        }
        for field in &of.fields {
            let path = format!("{name}.{}", field.name);
            if !seen.contains(&path) && !fill::UNREAD.iter().any(|(p, _)| *p == path) {
                unread.push(path);
            }
        }
    }
    assert!(unread.is_empty(), "never read with a value (a blind spot of this test): {unread:?}");
}

on_both! {
    /// With both walls standing.
    async fn nobody_sees_or_changes_what_is_not_theirs(backend) {
        prove(&World::new(backend).await).await;
    }

    /// An access token that ran out opens nothing.
    async fn an_expired_token_opens_nothing(backend) {
        let world = World::new(backend).await;
        let schema = Schema::read(&world).await;
        let token = world.token("a1").await;
        world.clock.advance(chrono::TimeDelta::minutes(11));
        let value = |owner: &str, arg: &Member| argument(&Ids::new(), owner, arg);
        for (label, document) in schema.queries(1, &value, &mut BTreeSet::new()) {
            let call = world.asks(Some(token.clone()), &document, json!({}));
            let answer = world.api.answers(call).recv().await.expect("a first answer").body;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{label}");
            assert!(answer.get("data").is_none(), "{label}");
        }
    }
}

/// The application alone: row-level security switched off in the whole schema.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_holds_without_row_level_security() {
    let database = database(Backend::Postgres).await;
    rows::disable_row_level_security(&database).await;
    Box::pin(prove(&World::over(database, |db| db).await)).await;
}

/// Row-level security alone: the application's own filter switched off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_level_security_holds_without_the_application() {
    let database: Database = database(Backend::Postgres).await;
    Box::pin(prove(&World::over(database, voxpark_infra::db::Db::without_application_filter).await)).await;
}
