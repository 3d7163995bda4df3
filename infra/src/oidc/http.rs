//! Asks other systems over HTTPS: one request a connection, no redirects, bounded in time and size.
//!
//! Addresses come from administrators of parks, so that this is where the installation is kept from being sent to places
//! that only it can reach: plain HTTP and addresses that are not public are refused unless the operator allows them, and
//! the address that was looked at is the one that is connected to.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use voxpark_domain::{Error, Result};

/// The longest that one exchange may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer, bytes.
const MOST: usize = 256 * 1024;

/// Why nothing came back, for the log; never shown to who asked.
pub(super) type Answer<T> = std::result::Result<T, String>;

/// A client.
#[derive(Clone)]
pub(super) struct Http {
    tls: TlsConnector,
    private: bool,
}

/// What is asked.
pub(super) enum Ask<'a> {
    /// A document, with a bearer token where one is wanted.
    Get(Option<&'a str>),
    /// A form, with the value of `Authorization` where one is wanted.
    Form(String, Option<String>),
}

impl Http {
    /// `private`: whether plain HTTP to this machine and addresses that are not public are fine. `authorities`: a PEM file
    /// of certificates that are trusted beside those that browsers trust.
    pub(super) fn new(private: bool, authorities: Option<&Path>) -> Result<Self> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = authorities {
            let failed = |e: &dyn std::fmt::Display| Error::internal(format!("oidc.ca_file {}: {e}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|e| failed(&e))? {
                roots.add(certificate.map_err(|e| failed(&e))?).map_err(|e| failed(&e))?;
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), private })
    }

    /// Whether an address may be asked at all.
    pub(super) fn may_ask(&self, address: &str) -> Answer<Uri> {
        let uri: Uri = address.parse().map_err(|_| format!("{address} is no address"))?;
        let authority = uri.authority().ok_or_else(|| format!("{address} has no host"))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => self.private && is_local(authority.host()),
            _ => false,
        };
        if secure && !authority.as_str().contains('@') { Ok(uri) } else { Err(format!("{address} is not https")) }
    }

    /// Asks, and reads the answer as JSON.
    pub(super) async fn json(&self, address: &str, ask: Ask<'_>) -> Answer<Value> {
        let uri = self.may_ask(address)?;
        let (status, body) = tokio::time::timeout(PATIENCE, self.exchange(&uri, ask))
            .await
            .map_err(|_| format!("{address} took more than {} s", PATIENCE.as_secs()))?
            .map_err(|e| format!("{address}: {e}"))?;
        if status != StatusCode::OK {
            // A token endpoint says in `error` what it did not like; nothing else of the body is repeated.
            let said = serde_json::from_slice::<Value>(&body).unwrap_or_default();
            let code: String = said["error"].as_str().unwrap_or("-").chars().take(60).collect();
            return Err(format!("{address} answers {status} ({code:?})"));
        }
        serde_json::from_slice(&body).map_err(|_| format!("{address} does not answer in JSON"))
    }

    async fn exchange(&self, uri: &Uri, ask: Ask<'_>) -> Answer<(StatusCode, Bytes)> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let stream = self.connect(host, port).await?;
        let request = request(uri, ask)?;
        if https {
            let name = ServerName::try_from(host.to_owned()).map_err(|e| e.to_string())?;
            let stream = self.tls.connect(name, stream).await.map_err(|e| format!("TLS: {e}"))?;
            send(stream, request).await
        } else {
            send(stream, request).await
        }
    }

    async fn connect(&self, host: &str, port: u16) -> Answer<TcpStream> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await.map_err(|e| e.to_string())?.collect();
        let mut last = format!("{host} has no address that may be asked");
        for address in found.into_iter().filter(|a| self.private || is_public(a.ip())) {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(e) => last = e.to_string(),
            }
        }
        Err(last)
    }
}

fn request(uri: &Uri, ask: Ask<'_>) -> Answer<Request<Full<Bytes>>> {
    let path = uri.path_and_query().map_or("/", |p| p.as_str());
    let mut request = Request::builder()
        .uri(path)
        .header(HOST, uri.authority().map_or("", |a| a.as_str()))
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, "voxpark");
    let sealed = |text: String| {
        let mut value = HeaderValue::try_from(text).map_err(|e| e.to_string())?;
        value.set_sensitive(true);
        Ok::<_, String>(value)
    };
    let body = match ask {
        Ask::Get(bearer) => {
            if let Some(token) = bearer {
                request = request.header(AUTHORIZATION, sealed(format!("Bearer {token}"))?);
            }
            Bytes::new()
        }
        Ask::Form(body, authorization) => {
            request = request.method(Method::POST).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            if let Some(value) = authorization {
                request = request.header(AUTHORIZATION, sealed(value)?);
            }
            Bytes::from(body)
        }
    };
    request.body(Full::new(body)).map_err(|e| e.to_string())
}

async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Answer<(StatusCode, Bytes)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| e.to_string())?;
    // It ends with the sender; what goes wrong is told there.
    let driven = tokio::spawn(connection);
    let answered = async {
        let response = sender.send_request(request).await.map_err(|e| e.to_string())?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MOST).collect().await;
        Ok((status, body.map_err(|_| format!("broken off, or more than {MOST} bytes"))?.to_bytes()))
    };
    let answer = answered.await;
    driven.abort();
    answer
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Whether an address is one of the public network (the registries of RFC 6890 say which are not).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let special = v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.is_documentation();
            let shared = a == 100 && (64..128).contains(&b);
            let reserved = a == 0 || a >= 240 || (a, b, c) == (192, 0, 0) || (a == 198 && (b == 18 || b == 19));
            !(special || shared || reserved)
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            // Only global unicast, without what stands for IPv4 (6to4, Teredo) and the range for documents.
            (a & 0xe000) == 0x2000 && a != 0x2002 && !(a == 0x2001 && (b < 0x200 || b == 0xdb8))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for text in ["1.1.1.1", "203.0.112.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "240.0.0.1",
            "203.0.113.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "64:ff9b::7f00:1",
        ] {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_alone_and_only_when_allowed() {
        let open = Http::new(true, None).expect("a client");
        let closed = Http::new(false, None).expect("a client");
        for (address, private, public) in [
            ("https://id.example/x", true, true),
            ("http://localhost:9/x", true, false),
            ("http://127.0.0.1:9", true, false),
            ("http://id.example", false, false),
            ("http://localhost.example", false, false),
            ("https://user@id.example", false, false),
            ("file:///etc/passwd", false, false),
            ("/x", false, false),
        ] {
            assert_eq!(open.may_ask(address).is_ok(), private, "{address}");
            assert_eq!(closed.may_ask(address).is_ok(), public, "{address}");
        }
    }

    #[tokio::test]
    async fn names_of_this_machine_lead_nowhere() {
        let closed = Http::new(false, None).expect("a client");
        let why = closed.json("https://localhost:1/", Ask::Get(None)).await.expect_err("refused");
        assert!(why.contains("no address that may be asked"), "{why}");
    }
}
