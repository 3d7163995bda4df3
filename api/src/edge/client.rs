//! The machine a request comes from, also behind reverse proxies.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use voxpark_console::Client;
use voxpark_domain::identity;

/// The most of a `User-Agent` that is looked at, characters.
const MAX_AGENT: usize = 300;

/// Puts the client among the extensions of the request. `proxies` stand in front of us, each of which has added the address
/// it was called from to `X-Forwarded-For`; what stands further left was written by the client and proves nothing.
pub(super) async fn tell(State(proxies): State<usize>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let agent = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok());
    let agent = agent.map(|a| a.chars().take(MAX_AGENT).collect());
    let address = address(request.headers(), peer, proxies);
    request.extensions_mut().insert(Client { agent, address });
    next.run(request).await
}

/// The same as the API knows it.
pub(crate) fn identity_client(client: Client) -> identity::Client {
    identity::Client { agent: client.agent, address: client.address }
}

fn address(headers: &HeaderMap, peer: Option<IpAddr>, proxies: usize) -> Option<IpAddr> {
    let Some(behind) = proxies.checked_sub(1) else { return peer };
    let told = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let told: Vec<&str> = told.map(str::trim).collect();
    told.iter().rev().nth(behind).and_then(|text| text.parse().ok()).or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_claims_about_itself_proves_nothing() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "1.1.1.1, 198.51.100.7".parse().expect("a value"));
        headers.append("x-forwarded-for", "10.0.0.2".parse().expect("a value"));
        let peer = "10.0.0.1".parse().ok();
        let of = |proxies| address(&headers, peer, proxies).map(|a| a.to_string()).unwrap_or_default();
        assert_eq!([of(0), of(1), of(2)], ["10.0.0.1", "10.0.0.2", "198.51.100.7"]);
        assert_eq!(address(&HeaderMap::new(), peer, 1), peer);
    }
}
