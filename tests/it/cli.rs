//! The command line, as an operator meets it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use voxpark_tests::tools::{Process, TempDir, free_port, voxpark};

/// The binary with a data folder of its own and nothing else said.
fn command(dir: &TempDir) -> Command {
    let mut command = voxpark();
    command.current_dir(dir.path()).env("VOXPARK_DATA_DIR", dir.path().join("data"));
    command
}

fn run(dir: &TempDir, args: &[&str]) -> Output {
    command(dir).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn configuration_is_checked_and_secrets_do_not_show() {
    let dir = TempDir::new();
    std::fs::write(dir.path().join("voxpark.toml"), format!("secret_key = \"{}\"\n", "5a".repeat(32))).unwrap();
    let good = run(&dir, &["config", "check"]);
    assert!(good.status.success(), "{}", said(&good));
    assert!(said(&good).contains("***") && !said(&good).contains("5a5a"), "{}", said(&good));
    let bad = command(&dir).env("VOXPARK_LISSEN", "x").args(["config", "check"]).output().unwrap();
    assert!(!bad.status.success() && said(&bad).contains("VOXPARK_LISSEN"), "{}", said(&bad));
}

#[test]
fn nothing_is_served_before_the_schema_is_there() {
    let dir = TempDir::new();
    let refused = run(&dir, &["serve"]);
    assert!(!refused.status.success() && said(&refused).contains("voxpark migrate up"), "{}", said(&refused));
    assert!(run(&dir, &["migrate", "up"]).status.success());
    let status = run(&dir, &["migrate", "status"]);
    assert!(said(&status).contains("applied  m01_identity") && !said(&status).contains("pending"), "{}", said(&status));
    let sick = run(&dir, &["doctor"]);
    assert!(sick.status.success() && said(&sick).contains("every table as its rule says"), "{}", said(&sick));
}

#[test]
fn the_doctor_names_what_is_wrong_and_fails() {
    let dir = TempDir::new();
    let empty = run(&dir, &["doctor"]);
    assert!(!empty.status.success() && said(&empty).contains("BAD   database"), "{}", said(&empty));
    let refused = command(&dir)
        .env("VOXPARK_MAIL_MODE", "smtp")
        .env("VOXPARK_MAIL_SMTP_HOST", "127.0.0.1")
        .env("VOXPARK_MAIL_SMTP_TLS", "none")
        .env("VOXPARK_MAIL_SMTP_PORT", free_port().to_string())
        .arg("doctor")
        .output()
        .unwrap();
    assert!(said(&refused).contains("BAD   mail"), "{}", said(&refused));
}

#[test]
fn an_operator_founds_a_park_with_its_people() {
    let dir = TempDir::new();
    assert!(run(&dir, &["migrate", "up"]).status.success());
    let good = |args: &[&str]| {
        let output = run(&dir, args);
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        said(&output)
    };
    let bad = |args: &[&str], wanted: &str| {
        let output = run(&dir, args);
        assert!(!output.status.success() && said(&output).contains(wanted), "{args:?}: {}", said(&output));
    };
    let park = ["admin", "park-add", "--code", "P1", "--name", "园区", "--name-en", "Park", "--city-tier", "2"];
    good(&park);
    bad(&park, "a park with the code P1");
    let made = good(&["admin", "user-add", "boss@example.test", "--name", "王芳"]);
    assert!(made.contains("with the password"), "{made}");
    bad(&["admin", "user-add", "Boss@Example.test", "--name", "x"], "an account already");
    bad(&["admin", "user-add", "boss", "--name", "x"], "not a mail address");
    let member = ["admin", "member-add", "boss@example.test", "--role", "park_administrator", "--park"];
    good(&[&member[..], &["P1"]].concat());
    bad(&[&member[..], &["P2"]].concat(), "no park with this code");
    bad(&[&member[..], &["P1", "--tenant", "T"]].concat(), "no tenant with this code");
    bad(&["admin", "member-add", "boss@example.test", "--role", "agent", "--park", "P1"], "does not belong here");
    bad(&["admin", "password", "nobody@example.test"], "Nobody with this address");
    good(&["admin", "password", "boss@example.test"]);
}

/// What the operator charges parks, from the terms to the payment; without saying who it is nothing is issued.
#[test]
fn an_operator_charges_parks() {
    let dir = TempDir::new();
    assert!(run(&dir, &["migrate", "up"]).status.success());
    let named = |args: &[&str]| {
        let all = [
            ("NAME", "某平台公司"),
            ("TAX_NUMBER", "91350100M000100Y43"),
            ("ADDRESS", "某路 1 号"),
            ("BANK", "某银行"),
            ("ACCOUNT", "6222"),
        ];
        let named = all.map(|(name, value)| (format!("VOXPARK_OPERATOR_{name}"), value));
        let output = command(&dir).envs(named).args(["admin"]).args(args).output().unwrap();
        (output.status.success(), said(&output))
    };
    for code in ["P1", "P2"] {
        let park = ["park-add", "--code", code, "--name", "园区", "--name-en", "Park", "--city-tier", "2"];
        assert!(named(&park).0);
    }
    let book = dir.path().join("book.toml");
    std::fs::write(&book, crate::platform_bill::FLAT).unwrap();
    let terms = |park: &str, from: &str| {
        let file = book.to_str().unwrap();
        named(&["platform-terms", "--park", park, "--from", from, "--file", file, "--tax", "6", "--payment-days", "15"])
    };
    for park in ["P1", "P2"] {
        assert!(terms(park, "2026-01").1.contains("version 1 of its terms"));
    }
    assert!(terms("P3", "2026-01").1.contains("no park with this code"));
    assert!(terms("P1", "2026-13").1.contains("is not a month"));
    std::fs::write(
        &book,
        crate::platform_bill::FLAT
            .replace("version = 1", "version = 2")
            .replace("\"seat\"\ndue = \"arrears\"", "\"once\""),
    )
    .unwrap();
    let (done, faults) = terms("P1", "2026-02");
    assert!(!done && faults.contains("basis is once") && faults.contains("due is advance"), "{faults}");

    let bill = ["platform-bill", "--month", "2026-01"];
    let nobody = run(&dir, &["admin", "platform-bill", "--month", "2026-01"]);
    assert!(!nobody.status.success() && said(&nobody).contains("operator.name"), "{}", said(&nobody));
    let (_, dry) = named(&[&bill[..], &["--park", "P2", "--dry-run"]].concat());
    assert!(dry.contains("106.00 CNY") && dry.contains("At least 100.00 CNY") && !dry.contains("PLT-"), "{dry}");
    let (done, issued) = named(&bill);
    assert!(done && issued.contains("-000001  P1  2026-01  106.00 CNY") && issued.contains("-000002  P2"), "{issued}");
    let (done, again) = named(&bill);
    assert!(done && again.contains("park P1: 2026-01 is billed with"), "{again}");
    let number = issued.split_whitespace().next().unwrap();
    assert!(named(&["platform-paid", number, "--amount", "6"]).1.contains("paid but for 100.00 CNY"));
    assert!(named(&["platform-void", number, "--reason", "x"]).1.contains("cannot be voided"));
    assert!(named(&["platform-paid", number]).1.contains("paid but for 0.00 CNY"));
    let (_, open) = named(&["platform-invoices", "--open"]);
    assert!(!open.contains(number) && open.contains("-000002  P2"), "{open}");
}

#[test]
fn a_served_installation_stops_when_told() {
    let dir = TempDir::new();
    assert!(run(&dir, &["migrate", "up"]).status.success());
    let listen = format!("127.0.0.1:{}", free_port());
    let mut served = Process::start(command(&dir).arg("serve").env("VOXPARK_LISTEN", &listen));
    served.line_with("serving");
    let second = command(&dir).arg("serve").env("VOXPARK_LISTEN", &listen).output().unwrap();
    assert!(!second.status.success() && said(&second).contains("cannot listen"), "{}", said(&second));
    assert_eq!(served.stop(), Some(0));
}

/// The first look that the README promises: a park out of nothing, with people who can sign in, and again where it ended.
#[test]
fn the_demonstration_comes_from_nothing() {
    let dir = TempDir::new();
    let listen = format!("127.0.0.1:{}", free_port());
    for round in ["from nothing", "again"] {
        let mut served = Process::start(command(&dir).args(["demo", "--listen", &listen]));
        // An unoptimised binary tells a year of a park; how long that takes is the machine's affair.
        served.line_within("serving", Duration::from_mins(15));
        for who in ["park", "huaxin", "assessor", "officer"] {
            let input = json!({ "email": format!("{who}@demo.voxpark"), "password": "voxpark-demo-2026" });
            let query = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }";
            let body = json!({ "query": query, "variables": { "i": input } }).to_string();
            let answer = exchange(&listen, "/graphql", &[("content-type", "application/json")], body.as_bytes());
            assert!(answer["data"]["signIn"]["accessToken"].is_string(), "{round}, {who}: {answer}");
        }
        assert_eq!(served.stop(), Some(0));
    }
}

/// One exchange over HTTP with a served installation; the JSON of its answer.
fn exchange(listen: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let mut stream = TcpStream::connect(listen).unwrap();
    let mut head =
        format!("POST {path} HTTP/1.1\r\nhost: {listen}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        let _ = std::fmt::Write::write_fmt(&mut head, format_args!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let json = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    let (from, to) = (json.find('{').unwrap_or(0), json.rfind('}').map_or(0, |end| end + 1));
    serde_json::from_str(json.get(from..to).unwrap_or_default()).unwrap_or_else(|e| panic!("{e}: {answer}"))
}

#[test]
fn a_worker_of_its_own_does_what_a_service_without_one_was_asked_for() {
    let dir = TempDir::new();
    let good = |args: &[&str]| {
        let output = run(&dir, args);
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        said(&output)
    };
    good(&["migrate", "up"]);
    good(&["admin", "park-add", "--code", "P1", "--name", "园区", "--name-en", "Park", "--city-tier", "2"]);
    let listen = format!("127.0.0.1:{}", free_port());
    let mut served = Process::start(command(&dir).args(["serve", "--no-worker"]).env("VOXPARK_LISTEN", &listen));
    served.line_with("serving");
    let ask = |token: &str, query: &str, input: Value| {
        let body = json!({ "query": query, "variables": { "i": input } }).to_string();
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json")];
        if !token.is_empty() {
            headers.push(("authorization", bearer.as_str()));
        }
        let answer = exchange(&listen, "/graphql", &headers, body.as_bytes());
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    };
    let member = |email: &str, more: &[&str]| {
        let made = good(&["admin", "user-add", email, "--name", "王芳"]);
        let password = made.split_once("with the password ").unwrap().1.trim().to_owned();
        good(&[&["admin", "member-add", email, "--park", "P1"][..], more].concat());
        let query = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }";
        let signed_in = ask("", query, json!({ "email": email, "password": password }));
        signed_in["signIn"]["accessToken"].as_str().unwrap().to_owned()
    };
    let park = member("park@example.test", &["--role", "park_administrator"]);
    let tenant = json!({ "code": "T1", "name": "甲", "nameEn": "A", "operatingSince": "2026-01-01", "arrivedOn": "2026-01-01",
        "idempotencyKey": "t" });
    ask(&park, "mutation($i: TenantCreateInput!) { tenantCreate(input: $i) { userErrors { rule } } }", tenant);
    let manager = member("manager@example.test", &["--role", "tenant_manager", "--tenant", "T1"]);

    let bearer = format!("Bearer {manager}");
    let calls = b"id,at,outcome\r\n1,2026-03-02 09:00:00,ok\r\n";
    let file =
        exchange(&listen, "/files?name=calls.csv", &[("authorization", &bearer), ("content-type", "text/csv")], calls);
    let start = json!({ "fileId": file["id"], "format": "ANONYMOUS_BANK", "idempotencyKey": "k" });
    let started = ask(
        &manager,
        "mutation($i: ContactImportStartInput!) { contactImportStart(input: $i) { import { id } userErrors { rule } } }",
        start,
    );
    assert_eq!(started["contactImportStart"]["userErrors"], json!([]), "{started}");
    let state = || {
        let found = ask(&manager, "{ tenant { imports { nodes { state failure { rule } } } } }", Value::Null);
        found["tenant"]["imports"]["nodes"][0].clone()
    };
    assert_eq!(state()["state"], "WAITING");

    let mut worker = Process::start(command(&dir).arg("worker"));
    worker.line_with("working off background jobs");
    let began = Instant::now();
    while state()["state"] == "WAITING" && began.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(50));
    }
    // The file is no such file, which only somebody who read it can know.
    assert_eq!(state(), json!({ "state": "FAILED", "failure": { "rule": "call-file-header" } }));
    assert_eq!((worker.stop(), served.stop()), (Some(0), Some(0)));
    assert!(good(&["doctor"]).contains("none was given up"));
}

#[test]
fn the_audit_log_is_checked_and_taken_away() {
    let dir = TempDir::new();
    assert!(run(&dir, &["migrate", "up"]).status.success());
    let park = ["admin", "park-add", "--code", "P1", "--name", "园区", "--name-en", "Park", "--city-tier", "2"];
    assert!(run(&dir, &park).status.success());
    assert!(run(&dir, &["admin", "user-add", "boss@park.example", "--name", "王芳"]).status.success());
    let good = run(&dir, &["audit", "verify"]);
    assert!(good.status.success(), "{}", said(&good));
    // The user belongs to no park; the park's own log tells of its founding.
    assert!(
        said(&good).contains("good  installation: 1 events") && said(&good).contains("good  P1: 1 events"),
        "{}",
        said(&good)
    );
    let sealed = run(&dir, &["audit", "seal"]);
    assert!(said(&sealed).contains("P1: seal 1 ") && said(&sealed).contains("public key "), "{}", said(&sealed));
    let key = said(&sealed).trim().rsplit(' ').next().unwrap().to_owned();
    let taken = run(&dir, &["audit", "export", "--park", "P1", "--out", "p1.jsonl"]);
    assert!(taken.status.success() && said(&taken).contains("1 events and 1 seals"), "{}", said(&taken));
    let again = run(&dir, &["audit", "export", "--park", "P1", "--out", "p1.jsonl"]);
    assert!(!again.status.success(), "nothing is written over: {}", said(&again));
    // Anywhere else, without a database.
    let elsewhere = TempDir::new();
    let file = std::fs::read_to_string(dir.path().join("p1.jsonl")).unwrap();
    assert!(!file.contains("王芳") && !file.contains("boss@"), "{file}");
    std::fs::write(elsewhere.path().join("p1.jsonl"), &file).unwrap();
    let checked = run(&elsewhere, &["audit", "verify", "--file", "p1.jsonl", "--key", &key]);
    assert!(checked.status.success() && said(&checked).contains("good  park_"), "{}", said(&checked));
    std::fs::write(elsewhere.path().join("bad.jsonl"), file.replace("park.add", "park.bad")).unwrap();
    let bad = run(&elsewhere, &["audit", "verify", "--file", "bad.jsonl"]);
    assert!(
        !bad.status.success() && said(&bad).contains("lane 0 sequence 1 audit_") && said(&bad).contains("altered"),
        "{}",
        said(&bad)
    );
    let other = run(&elsewhere, &["audit", "verify", "--file", "p1.jsonl", "--key", &"ab".repeat(32)]);
    assert!(!other.status.success() && said(&other).contains("not signed by this installation"), "{}", said(&other));
}

#[test]
fn keys_are_listed_replaced_and_retired() {
    let dir = TempDir::new();
    assert!(run(&dir, &["migrate", "up"]).status.success());
    let told = |args: &[&str]| {
        let output = run(&dir, args);
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    let first = told(&["keys", "rotate"]).split(' ').next().unwrap().to_owned();
    assert!(told(&["keys", "list"]).contains(&format!("{first}  made ")));
    let second = told(&["keys", "rotate"]).split(' ').next().unwrap().to_owned();
    let list = told(&["keys", "list"]);
    let state = |list: &str, kid: &str| list.lines().find(|l| l.starts_with(kid)).unwrap_or_default().to_owned();
    assert!(state(&list, &first).contains("verifies until") && state(&list, &second).ends_with("signs"), "{list}");
    told(&["keys", "retire", &first]);
    assert!(state(&told(&["keys", "list"]), &first).contains("retired"));
    let again = run(&dir, &["keys", "retire", &first]);
    assert!(!again.status.success() && said(&again).contains("key"), "{}", said(&again));
    assert!(told(&["audit", "verify"]).contains("good"));
}
