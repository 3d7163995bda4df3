//! Where a request comes from, as much of it as is kept: a rough device and a network, never the whole address.

use std::net::IpAddr;

/// What a request says about the machine it comes from. Lives as long as the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The `User-Agent` header.
    pub agent: Option<String>,
    /// The address.
    pub address: Option<IpAddr>,
}

/// Words of a `User-Agent` and what they mean; the first that is found counts, because browsers name their ancestors too.
const BROWSERS: &[(&str, &str)] = &[
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Client {
    /// Browser and system in rough words (`Firefox, Windows`); nothing that tells one machine from the next.
    pub fn device(&self) -> Option<String> {
        let agent = self.agent.as_deref()?;
        let find =
            |list: &[(&str, &'static str)]| list.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name);
        match (find(BROWSERS), find(SYSTEMS)) {
            (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
            (one, other) => one.or(other).map(ToOwned::to_owned),
        }
    }

    /// The network of the address: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one.
    pub fn place(&self) -> Option<String> {
        Some(match self.address?.to_canonical() {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(v6) => {
                let [a, b, c, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_rough_and_places_are_networks() {
        let device = |agent: &str| Client { agent: Some(agent.to_owned()), address: None }.device();
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0";
        assert_eq!(device(edge).as_deref(), Some("Edge, Windows"));
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1";
        assert_eq!(device(safari).as_deref(), Some("Safari, iPhone"));
        assert_eq!(device("curl/8.5.0").as_deref(), Some("curl"));
        assert_eq!(device("x"), None);
        let place = |address: &str| Client { agent: None, address: address.parse().ok() }.place();
        assert_eq!(place("203.0.113.77").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(place("::ffff:203.0.113.77").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(place("2001:db8:77:1::5").as_deref(), Some("2001:db8:77::/48"));
    }
}
