//! Letters: invitations and forgotten passwords by their links, what a mail server says to a letter, who sees what was sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use voxpark_infra::config::{MailWay, Smtp, Tls};
use voxpark_tests::app::{PASSWORD, World, email};
use voxpark_tests::on_both;

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken membership { role tenantName } userErrors { rule } } }";

/// Every letter of the outbox as text, oldest first.
fn outbox(world: &World) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(world.outbox())
        .map(|folder| folder.flatten().filter(|e| e.path().extension().is_some_and(|x| x == "eml")).collect())
        .unwrap_or_default();
    files.sort_by_key(|e: &std::fs::DirEntry| e.metadata().and_then(|m| m.modified()).unwrap());
    files.iter().map(|e| unfolded(&std::fs::read_to_string(e.path()).unwrap())).collect()
}

/// Quoted-printable lines joined, and the signs that matter here read.
fn unfolded(text: &str) -> String {
    text.replace("=\r\n", "").replace("=3D", "=")
}

/// The token of the link in a letter.
fn token(letter: &str) -> String {
    let at = letter.find("?token=").unwrap_or_else(|| panic!("no link in {letter}")) + 7;
    letter[at..].chars().take_while(char::is_ascii_hexdigit).collect()
}

async fn anonymous(world: &World, document: &str, input: Value) -> Value {
    world.call(None, document, json!({ "input": input })).await.body
}

async fn sign_in(world: &World, address: &str, password: &str) -> Value {
    anonymous(world, SIGN_IN, json!({ "email": address, "password": password })).await["data"]["signIn"].clone()
}

async fn open(world: &World, mutation: &str, input: Value) -> Vec<String> {
    let mut name = mutation.to_owned();
    name[0..1].make_ascii_uppercase();
    let document =
        format!("mutation($input: {name}Input!) {{ payload: {mutation}(input: $input) {{ userErrors {{ rule }} }} }}");
    let answer = anonymous(world, &document, input).await;
    let errors = answer["data"]["payload"]["userErrors"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    errors.iter().map(|e| e["rule"].as_str().unwrap().to_owned()).collect()
}

async fn sent(world: &World) -> Vec<(String, String, String)> {
    let list = world.ok("park", "{ park { letters { nodes { kind recipient state code } } } }", json!({})).await;
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let nodes = list["park"]["letters"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|l| (text(&l["recipient"]), text(&l["state"]), text(&l["code"]))).collect()
}

on_both! {
    /// A manager and an assessor join by link; a link works once, and not after it was sent again, taken back or too old.
    async fn people_join_by_link(backend) {
        let world = World::new(backend).await;
        let a1 = world.ids.a1.to_string();
        let invite = json!({ "email": "new@example.test", "role": "TENANT_MANAGER", "tenantId": a1, "language": "en", "idempotencyKey": "i1" });
        let made = world.done("park", "invitationCreate", "invitation { id email role state tenant { code } }", invite.clone()).await;
        assert_eq!(made["invitation"]["state"], "OPEN");
        assert_eq!(made["invitation"]["tenant"]["code"], "A1");
        let mut twice = invite;
        twice["idempotencyKey"] = json!("i2");
        assert_eq!(world.refused("park", "invitationCreate", twice).await, ["invite-pending"]);
        let bad = json!({ "email": "nobody", "role": "AGENT", "tenantId": a1, "idempotencyKey": "i3" });
        assert_eq!(world.refused("park", "invitationCreate", bad).await, ["email-invalid", "invite-role"]);
        assert_eq!(world.refused("a1", "invitationCreate", json!({ "email": "x@y", "role": "TENANT_MANAGER", "idempotencyKey": "i4" })).await, ["not-found"]);
        world.run_jobs().await;
        let letters = outbox(&world);
        assert_eq!(letters.len(), 1);
        assert!(letters[0].contains("To: new@example.test") && letters[0].contains("multipart/alternative"), "{}", letters[0]);
        assert!(letters[0].contains("Invitation to") && letters[0].contains("https://park.example/join?token="));
        let first = token(&letters[0]);
        let again = json!({ "invitationId": made["invitation"]["id"], "idempotencyKey": "i5" });
        world.clock.advance(TimeDelta::seconds(2));
        world.done("park", "invitationResend", "", again).await;
        world.run_jobs().await;
        let second = token(outbox(&world).iter().find(|l| token(l) != first).unwrap());
        let join = |token: &str, name: &str| json!({ "token": token, "name": name, "password": "a password of my own" });
        assert_eq!(open(&world, "invitationAccept", join(&first, "黄明")).await, ["invite-link-bad"]);
        assert_eq!(open(&world, "invitationAccept", json!({ "token": second, "password": "short" })).await, ["password-weak"]);
        assert_eq!(open(&world, "invitationAccept", join(&second, " ")).await, ["text-required"]);
        let offer = "query($token: String!) { invitationOffer(token: $token) { parkName role email hasAccount } }";
        let offered = world.call(None, offer, json!({ "token": second })).await.body;
        assert_eq!(offered["data"]["invitationOffer"]["hasAccount"], false, "{offered}");
        assert_eq!(open(&world, "invitationAccept", join(&second, "黄明")).await, Vec::<String>::new());
        assert_eq!(open(&world, "invitationAccept", join(&second, "黄明")).await, ["invite-link-bad"]);
        let signed = sign_in(&world, "new@example.test", "a password of my own").await;
        assert_eq!(signed["membership"], json!({ "role": "TENANT_MANAGER", "tenantName": "a1 呼叫中心" }));

        // Somebody who has an account already gives its password, and is an assessor besides.
        let grant = json!({ "email": "NEW@example.test", "role": "ASSESSOR", "purpose": "复核", "validFrom": "2026-11-01", "validTo": "2027-01-01", "idempotencyKey": "i6" });
        world.done("park", "invitationCreate", "invitation { id purpose validFrom }", grant).await;
        world.run_jobs().await;
        let third = outbox(&world).iter().map(|l| token(l)).find(|t| *t != first && *t != second).unwrap();
        assert_eq!(open(&world, "invitationAccept", json!({ "token": third, "password": "not the password" })).await, ["sign-in-failed"]);
        assert_eq!(open(&world, "invitationAccept", json!({ "token": third, "password": "a password of my own" })).await, Vec::<String>::new());
        let memberships = "{ viewer { memberships { role } } }";
        let both = world.call(signed["accessToken"].as_str().map(str::to_owned), memberships, json!({})).await.body;
        assert_eq!(both["data"]["viewer"]["memberships"].as_array().unwrap().len(), 2, "{both}");

        // Taken back, and too old.
        for (n, late) in [(7, false), (8, true)] {
            let invite = json!({ "email": format!("late{n}@example.test"), "role": "PARK_FINANCE", "idempotencyKey": format!("i{n}") });
            let made = world.done("park", "invitationCreate", "invitation { id }", invite).await["invitation"]["id"].clone();
            let known: Vec<String> = outbox(&world).iter().map(|l| token(l)).collect();
            world.run_jobs().await;
            let link = outbox(&world).iter().map(|l| token(l)).find(|t| !known.contains(t)).unwrap();
            if late {
                world.clock.advance(TimeDelta::days(7));
            } else {
                world.done("park", "invitationRevoke", "invitation { state }", json!({ "invitationId": made, "idempotencyKey": "r" })).await;
            }
            assert_eq!(open(&world, "invitationAccept", join(&link, "x")).await, ["invite-link-bad"]);
        }
    }

    /// A forgotten password: one answer for everybody, a link that works once, every session ended, waits forgotten.
    async fn a_forgotten_password_is_replaced_by_link(backend) {
        let world = World::new(backend).await;
        let before = sign_in(&world, &email("a1"), PASSWORD).await;
        for address in ["nobody@example.test".to_owned(), email("a1")] {
            assert_eq!(open(&world, "passwordResetRequest", json!({ "email": address })).await, Vec::<String>::new());
        }
        for _ in 0..6 {
            sign_in(&world, &email("a1"), "wrong").await;
        }
        world.run_jobs().await;
        let letters = outbox(&world);
        assert_eq!(letters.len(), 1, "{letters:?}");
        let link = token(&letters[0]);
        assert_eq!(open(&world, "passwordReset", json!({ "token": link, "password": "short" })).await, ["password-weak"]);
        let odd = "0".repeat(64);
        assert_eq!(open(&world, "passwordReset", json!({ "token": odd, "password": "another long password" })).await, ["reset-link-bad"]);
        assert_eq!(open(&world, "passwordReset", json!({ "token": link, "password": "another long password" })).await, Vec::<String>::new());
        assert_eq!(open(&world, "passwordReset", json!({ "token": link, "password": "a third long password" })).await, ["reset-link-bad"]);
        let dead = world.call(before["accessToken"].as_str().map(str::to_owned), "{ viewer { role } }", json!({})).await.body;
        assert_eq!(dead["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(sign_in(&world, &email("a1"), "another long password").await["accessToken"].is_string());
        world.run_jobs().await;
        assert_eq!(outbox(&world).len(), 2, "the change is told by mail");
        // What goes to staff of a tenant is not on the park's record.
        assert!(sent(&world).await.is_empty());

        open(&world, "passwordResetRequest", json!({ "email": email("a1") })).await;
        world.run_jobs().await;
        let late = outbox(&world).iter().filter(|l| l.contains("?token=")).map(|l| token(l)).find(|t| *t != link).unwrap();
        world.clock.advance(TimeDelta::minutes(30));
        assert_eq!(open(&world, "passwordReset", json!({ "token": late, "password": "a third long password" })).await, ["reset-link-bad"]);
        // Nobody's mailbox is flooded, whether or not it is one.
        for address in [email("a2"), "nobody2@example.test".to_owned()] {
            let mut rules = Vec::new();
            for _ in 0..7 {
                rules.extend(open(&world, "passwordResetRequest", json!({ "email": address })).await);
            }
            assert_eq!(rules, ["try-again-later", "try-again-later"]);
        }
    }

    /// What a mail server says: taken; not now, then taken; never, and no more letters to that address until it is allowed.
    async fn a_mail_server_takes_delays_and_refuses(backend) {
        let world = World::new(backend).await;
        let server = Server::start().await;
        let invite = async |to: &str, key: &str| {
            let input = json!({ "email": to, "role": "PARK_FINANCE", "language": "zh-CN", "idempotencyKey": key });
            world.done("park", "invitationCreate", "invitation { id }", input).await["invitation"]["id"].clone()
        };
        invite("good@example.test", "k1").await;
        invite("busy@example.test", "k2").await;
        let refusing = invite("gone@example.test", "k3").await;
        world.run_jobs_by(server.way()).await;
        let taken = server.taken();
        assert_eq!(taken.len(), 1, "{taken:?}");
        assert!(taken[0].contains("To: good@example.test") && taken[0].contains("https://park.example/join?token="), "{}", taken[0]);
        let states: BTreeMap<_, _> = sent(&world).await.into_iter().map(|(to, state, code)| (to, (state, code))).collect();
        assert_eq!(states["b•••@example.test"].0, "WAITING");
        world.clock.advance(TimeDelta::seconds(11));
        world.run_jobs_by(server.way()).await;
        assert_eq!(server.taken().len(), 2, "what was busy is tried again");
        world.done("park", "stepUp", "", json!({ "password": PASSWORD })).await;
        world.done("park", "invitationResend", "", json!({ "invitationId": refusing, "idempotencyKey": "k4" })).await;
        world.run_jobs_by(server.way()).await;
        assert_eq!(server.asked("gone@example.test"), 1, "an address that refuses is left alone");
        let mut states: Vec<_> = sent(&world).await.into_iter().map(|(_, state, code)| (state, code)).collect();
        states.sort();
        let state = |s: &str, c: &str| (s.to_owned(), c.to_owned());
        assert_eq!(states, [state("FAILED", "550"), state("SENT", ""), state("SENT", ""), state("SUPPRESSED", "")]);
    }
}

/// A mail server on a port of its own: takes letters, but `busy@` is told to come again once and `gone@` that there is no
/// such mailbox.
pub(crate) struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    taken: Vec<String>,
    asked: Vec<String>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let told = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&told)));
            }
        });
        Self { port, seen }
    }

    pub(crate) fn way(&self) -> MailWay {
        MailWay::Smtp(Smtp { host: "127.0.0.1".to_owned(), port: self.port, login: None, tls: Tls::None })
    }

    pub(crate) fn taken(&self) -> Vec<String> {
        self.seen.lock().unwrap().taken.iter().map(|l| unfolded(l)).collect()
    }

    pub(crate) fn asked(&self, address: &str) -> usize {
        self.seen.lock().unwrap().asked.iter().filter(|a| *a == address).count()
    }
}

/// One conversation (RFC 5321).
async fn talk(stream: TcpStream, seen: Arc<Mutex<Seen>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test ESMTP\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-test\r\n250 8BITMIME".to_owned(),
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let before = {
                    let mut seen = seen.lock().unwrap();
                    seen.asked.push(address.clone());
                    seen.asked.iter().filter(|a| **a == address).count()
                };
                match address.split('@').next() {
                    Some("gone") => "550 5.1.1 no such mailbox".to_owned(),
                    Some("busy") if before == 1 => "451 4.3.0 come again".to_owned(),
                    _ => "250 ok".to_owned(),
                }
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut letter = String::new();
                loop {
                    let line = lines.next_line().await.ok()??;
                    if line == "." {
                        break;
                    }
                    letter.push_str(&line);
                    letter.push_str("\r\n");
                }
                seen.lock().unwrap().taken.push(letter);
                "250 taken".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}
