//! A small server of the S3 protocol: what the product asks of one, with signatures checked (Signature Version 4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use voxpark_infra::config::Secret;
use voxpark_infra::files::Bucket;

const KEY: &str = "TESTKEY";
const SECRET: &str = "a test secret";
const WHEN: &str = "Sat, 21 Nov 2026 02:00:00 GMT";

/// What the server holds and what was asked of it.
#[derive(Default)]
pub(super) struct Held {
    pub(super) objects: BTreeMap<String, Vec<u8>>,
    pub(super) parts: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    pub(super) asked: Vec<String>,
    /// Parts that are answered with an error of the server from now on.
    pub(super) failing: bool,
}

/// The server.
#[derive(Clone, Default)]
pub(super) struct Server(pub(super) Arc<Mutex<Held>>);

impl Server {
    /// Starts one; how its bucket is reached.
    pub(super) async fn start() -> (Self, Bucket) {
        let server = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let bucket = Bucket {
            name: "voxpark-files".to_owned(),
            region: "cn-north-1".to_owned(),
            endpoint: Some(endpoint),
            prefix: "park".to_owned(),
            in_host: false,
            key_id: KEY.to_owned(),
            secret: Secret::new(SECRET),
        };
        (server, bucket)
    }
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Whether a request is signed with the key, over these headers and this body.
fn signed(method: &Method, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Option<bool> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let claim = text("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let field = |name: &str| claim.split(',').find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('='));
    let (scope, names, signature) =
        (field("Credential")?.strip_prefix("TESTKEY/")?, field("SignedHeaders")?, field("Signature")?);
    let payload = text("x-amz-content-sha256")?;
    if payload != "UNSIGNED-PAYLOAD" && payload != hex::encode(Sha256::digest(body)) {
        return Some(false);
    }
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|p| !p.is_empty())
        .map(|p| if p.contains('=') { p.to_owned() } else { format!("{p}=") })
        .collect();
    pairs.sort();
    let mut canonical = format!("{method}\n{path}\n{}\n", pairs.join("&"));
    for name in names.split(';') {
        let _ = writeln!(canonical, "{name}:{}", text(name)?.trim());
    }
    let _ = write!(canonical, "\n{names}\n{payload}");
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", text("x-amz-date")?, hex::encode(Sha256::digest(canonical)));
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in scope.split('/') {
        key = keyed(&key, part);
    }
    Some(hex::encode(keyed(&key, &to_sign)) == signature)
}

async fn answer(State(server): State<Server>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let (path, query) = (head.uri.path().to_owned(), head.uri.query().unwrap_or_default().to_owned());
    if signed(&head.method, &path, &query, &head.headers, &body) != Some(true) {
        return (StatusCode::FORBIDDEN, "<Error><Code>SignatureDoesNotMatch</Code></Error>").into_response();
    }
    let value = |name: &str| query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned);
    let Some(key) = path.strip_prefix("/voxpark-files").map(|k| k.trim_start_matches('/').to_owned()) else {
        return (StatusCode::NOT_FOUND, "<Error><Code>NoSuchBucket</Code></Error>").into_response();
    };
    let mut held = server.0.lock().unwrap();
    held.asked.push(format!("{} {}", head.method, query.split('=').next().unwrap_or_default()));
    let missing = || (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response();
    match (head.method.as_str(), value("uploadId")) {
        ("POST", None) if query.starts_with("uploads") => {
            let id = format!("upload{}", held.asked.len());
            held.parts.insert(id.clone(), BTreeMap::new());
            format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>")
                .into_response()
        }
        ("PUT", Some(_)) if held.failing => StatusCode::FORBIDDEN.into_response(),
        ("PUT", Some(id)) => {
            let number = value("partNumber").unwrap().parse().unwrap();
            held.parts.get_mut(&id).unwrap().insert(number, body.to_vec());
            ([(header::ETAG, format!("\"{number}\""))], "").into_response()
        }
        ("POST", Some(id)) => {
            let parts = held.parts.remove(&id).unwrap();
            held.objects.insert(key, parts.into_values().flatten().collect());
            "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>".into_response()
        }
        ("DELETE", Some(id)) => {
            held.parts.remove(&id);
            StatusCode::NO_CONTENT.into_response()
        }
        ("PUT", None) => {
            held.objects.insert(key, body.to_vec());
            ([(header::ETAG, "\"e\"")], "").into_response()
        }
        ("DELETE", None) => {
            held.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        ("GET", None) if key.is_empty() => {
            let prefix = value("prefix").unwrap_or_default().replace("%2F", "/");
            let mut list = String::from("<ListBucketResult><IsTruncated>false</IsTruncated>");
            for (key, bytes) in held.objects.iter().filter(|(key, _)| key.starts_with(&prefix)) {
                let _ = write!(
                    list,
                    "<Contents><Key>{key}</Key><Size>{}</Size><LastModified>2026-11-21T02:00:00.000Z</LastModified><ETag>\"e\"</ETag></Contents>",
                    bytes.len()
                );
            }
            (list + "</ListBucketResult>").into_response()
        }
        ("GET" | "HEAD", None) => {
            let Some(bytes) = held.objects.get(&key) else { return missing() };
            let about = [(header::ETAG, "\"e\"".to_owned()), (header::LAST_MODIFIED, WHEN.to_owned())];
            if head.method == Method::HEAD {
                let length = [(header::CONTENT_LENGTH, bytes.len().to_string())];
                return (about, length, "").into_response();
            }
            let range =
                head.headers.get(header::RANGE).and_then(|r| r.to_str().ok()?.strip_prefix("bytes=")?.split_once('-'));
            match range {
                None => (about, bytes.clone()).into_response(),
                Some((first, last)) => {
                    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                    let place = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", bytes.len()))];
                    (StatusCode::PARTIAL_CONTENT, about, place, bytes[first..=last].to_vec()).into_response()
                }
            }
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}
