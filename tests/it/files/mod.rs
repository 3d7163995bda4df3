//! Files: what is taken in, links that give it out, scanning, sweeping, a bucket behind the S3 protocol.

mod bucket;
mod s3;
mod scan;
mod sweep;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::edge::{Edge, bytes_of, json_of};

const PDF: &[u8] = b"%PDF-1.7\n0123456789";

/// A submitted assessment of `a1` with one piece of evidence that holds this file; its id.
async fn evidence(world: &World, file: &str, submitted: bool) -> String {
    let input = json!({ "framework": "cc-cmm-oc-2011", "title": "自评", "cycle": "2026", "idempotencyKey": "c" });
    let id = world.done("a1", "assessmentCreate", "assessment { id }", input).await["assessment"]["id"].clone();
    let ratings: Vec<_> = (1..=168).map(|n| json!({ "clause": n, "c": 10, "f": 10 })).collect();
    world.done("a1", "assessmentRate", "", json!({ "assessmentId": id, "ratings": ratings })).await;
    let input = json!({ "assessmentId": id, "clause": 27, "title": "协议", "fileId": file, "coversFrom": "2026-01-01",
        "idempotencyKey": "e" });
    let made = world.done("a1", "evidenceAttach", "evidence { id }", input).await["evidence"]["id"].clone();
    if submitted {
        world.done("a1", "assessmentSubmit", "", json!({ "assessmentId": id, "idempotencyKey": "s" })).await;
    }
    made.as_str().unwrap().to_owned()
}

/// Makes a link as somebody; its path, or the rules or code that refused it.
async fn link(world: &World, who: &str, subject: &str) -> Result<String, String> {
    let document =
        "mutation($i: FileLinkInput!) { fileLink(input: $i) { link { path expiresAt } userErrors { rule } } }";
    let answer =
        world.call(Some(world.token(who).await), document, json!({ "i": { "subjectId": subject } })).await.body;
    match answer["data"]["fileLink"]["link"]["path"].as_str() {
        Some(path) => Ok(path.to_owned()),
        None => Err(answer["errors"][0]["extensions"]["code"]
            .as_str()
            .or(answer["data"]["fileLink"]["userErrors"][0]["rule"].as_str())
            .unwrap_or("nothing")
            .to_owned()),
    }
}

/// The actions on the log of a tenant, oldest first.
async fn acts(world: &World, who: &str) -> Vec<(String, String)> {
    let all = world.ok(who, "{ auditEvents(first: 100) { nodes { action subject } } }", json!({})).await;
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let mut acts: Vec<_> = all["auditEvents"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| (text(&n["action"]), text(&n["subject"])))
        .collect();
    acts.reverse();
    acts
}

on_both! {
    /// What a file is, its content says; a name or declared type that says otherwise is refused, and so is what nobody
    /// brings here for good reasons.
    async fn only_what_serves_is_taken_in(backend) {
        let edge = Edge::new(backend).await;
        let bearer = edge.bearer("a1").await;
        let take = async |path: &str, declared: &str, body: &[u8]| {
            let headers = [("authorization", &*bearer), ("content-type", declared), ("accept-language", "en")];
            let answer = edge.send(Method::POST, path, &headers, body.to_vec()).await;
            (answer.status().as_u16(), json_of(answer).await)
        };
        let (status, taken) = take("/files?name=nda.pdf&for=evidence", "application/pdf", PDF).await;
        assert_eq!((status, &taken["mediaType"], &taken["state"]), (201, &json!("application/pdf"), &json!("clean")));
        let (status, taken) = take("/files?name=calls.csv&for=import", "application/vnd.ms-excel", b"a,b\n1,2\n").await;
        assert_eq!((status, &taken["mediaType"]), (201, &json!("text/csv")));
        for (path, declared, body) in [
            ("/files?name=setup.pdf", "application/pdf", &b"MZ\x90\0\x03\0\0\0"[..]),
            ("/files?name=run.txt", "text/plain", b"#!/bin/sh\nrm -rf /\n"),
            ("/files?name=page.txt", "text/plain", b"<!doctype html><script>alert(1)</script>"),
            ("/files?name=nda.exe", "application/pdf", PDF),
            ("/files?name=nda.pdf", "image/png", PDF),
            ("/files?name=nda.pdf&for=import", "application/pdf", PDF),
            ("/files?name=calls.gz&for=evidence", "application/gzip", b"\x1f\x8b\x08\0\0\0\0\0"),
            ("/files?name=nda.pdf&for=fun", "application/pdf", PDF),
        ] {
            let (status, answer) = take(path, declared, body).await;
            assert_eq!(status, 422, "{path} {declared}: {answer}");
        }
        // Nothing of them stays behind.
        let spool = edge.world.data_dir().join("files/incoming");
        assert_eq!(std::fs::read_dir(spool).map_or(0, Iterator::count), 0);
    }

    /// A link works without a token, for whoever was allowed, for five minutes, whole and in part; reading goes on the log.
    async fn a_link_gives_the_file_for_a_few_minutes(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let headers = [("authorization", &*edge.bearer("a1").await), ("content-type", "application/pdf")];
        let file = json_of(edge.send(Method::POST, "/files?name=%E5%8D%8F%E8%AE%AE.pdf", &headers, PDF).await).await;
        let file = file["id"].as_str().unwrap().to_owned();
        let evidence = evidence(world, &file, true).await;
        let get = async |path: &str, headers: &[(&str, &str)]| edge.send(Method::GET, path, headers, Body::empty()).await;

        let path = link(world, "a1", &file).await.unwrap();
        assert!(path.starts_with("/files/") && path.len() < 250, "{path}");
        let given = get(&path, &[]).await;
        assert_eq!(given.status(), StatusCode::OK);
        let head = |name: header::HeaderName| given.headers()[name].to_str().unwrap().to_owned();
        assert!(head(header::CONTENT_DISPOSITION).ends_with("filename*=UTF-8''%E5%8D%8F%E8%AE%AE.pdf"));
        assert_eq!(head(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(head(header::CACHE_CONTROL), "private, no-store");
        assert!(head(header::CONTENT_SECURITY_POLICY).starts_with("sandbox"));
        assert_eq!((head(header::CONTENT_LENGTH), head(header::CONTENT_TYPE)), ("19".to_owned(), "application/pdf".to_owned()));
        let etag = head(header::ETAG);
        assert_eq!(bytes_of(given).await, PDF);

        let part = get(&path, &[("range", "bytes=9-12"), ("if-range", &etag)]).await;
        assert_eq!((part.status(), part.headers()[header::CONTENT_RANGE].to_str().unwrap()), (StatusCode::PARTIAL_CONTENT, "bytes 9-12/19"));
        assert_eq!(bytes_of(part).await, b"0123");
        assert_eq!(get(&path, &[("range", "bytes=19-")]).await.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        let head = edge.send(Method::HEAD, &path, &[], Body::empty()).await;
        assert_eq!((head.status(), head.headers()[header::CONTENT_LENGTH].to_str().unwrap()), (StatusCode::OK, "19"));

        // The assessor by its grant, and nobody else outside.
        let theirs = link(world, "assessor", &evidence).await.unwrap();
        assert_eq!(bytes_of(get(&theirs, &[]).await).await, PDF);
        for who in ["a2", "park", "other-assessor", "other-park", "b1", "a1-agent"] {
            for subject in [&file, &evidence] {
                assert_eq!(link(world, who, subject).await, Err("not-found".to_owned()), "{who}");
            }
        }
        assert_eq!(link(world, "assessor", &file).await, Err("not-found".to_owned()), "the file is the tenant's");
        assert_eq!(link(world, "a1", "seat_1").await, Err("not-found".to_owned()));

        let acts = acts(world, "a1").await;
        for act in [("file.link", &file), ("file.read", &file)] {
            assert!(acts.contains(&(act.0.to_owned(), act.1.clone())), "{act:?} in {acts:?}");
        }

        // Altered, and when its time is over.
        let mut altered = path.clone();
        altered.replace_range(10..11, if &path[10..11] == "A" { "B" } else { "A" });
        assert_eq!(get(&altered, &[]).await.status(), StatusCode::NOT_FOUND);
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(get(&path, &[]).await.status(), StatusCode::NOT_FOUND);
    }

    /// A link is worth no more than what stands behind it: the session, the grant, the scope.
    async fn a_link_ends_with_what_it_stands_on(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let file = upload(&edge, "a1").await;
        let evidence = evidence(world, &file, true).await;
        let status = async |path: &str| edge.send(Method::GET, path, &[], Body::empty()).await.status().as_u16();

        let input = json!({ "assessorEmail": "late-assessor@example.test", "role": "ASSESSOR", "tenantId": world.ids.a1.to_string(),
            "purpose": "复核", "validFrom": "2026-01-01", "validTo": "2027-01-01", "idempotencyKey": "g" });
        let grant = world.done("park", "grantCreate", "grant { id }", input).await["grant"]["id"].clone();
        world.declare("late-assessor").await;
        let theirs = link(world, "late-assessor", &evidence).await.unwrap();
        assert_eq!(status(&theirs).await, 200);
        world.done("park", "grantRevoke", "grant { id }", json!({ "grantId": grant, "idempotencyKey": "r" })).await;
        assert_eq!(status(&theirs).await, 404, "the grant is gone");

        // An assessor whose grants reach further than when the link was made.
        let theirs = link(world, "assessor", &evidence).await.unwrap();
        let input = json!({ "assessorEmail": "assessor@example.test", "role": "ASSESSOR", "tenantId": world.ids.a2.to_string(),
            "purpose": "复核", "validFrom": "2026-01-01", "validTo": "2027-01-01", "idempotencyKey": "g2" });
        world.done("park", "grantCreate", "grant { id }", input).await;
        world.declare("assessor").await;
        assert_eq!(status(&theirs).await, 404, "another scope");

        let own = link(world, "a1", &file).await.unwrap();
        assert_eq!(status(&own).await, 200);
        world.ok("a1", "mutation { signOut(input: {}) { userErrors { rule } } }", json!({})).await;
        assert_eq!(status(&own).await, 404, "the session is gone");
    }
}

/// Brings a small file as somebody; its id.
async fn upload(edge: &Edge, who: &str) -> String {
    let headers = [("authorization", &*edge.bearer(who).await), ("content-type", "application/pdf")];
    let taken = json_of(edge.send(Method::POST, "/files?name=nda.pdf", &headers, PDF).await).await;
    taken["id"].as_str().unwrap().to_owned()
}
