//! The command line, as an operator meets it.

use std::process::{Command, Output};

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
