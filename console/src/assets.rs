//! The files a browser fetches beside pages. Their addresses change with their content, so they never go stale.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;

use crate::Console;

const FILES: &[(&str, &str, &str)] = &[
    ("console.css", "text/css; charset=utf-8", include_str!("../assets/console.css")),
    ("console.js", "text/javascript; charset=utf-8", include_str!("../assets/console.js")),
    ("map.js", "text/javascript; charset=utf-8", include_str!("../assets/map.js")),
    ("passkey.js", "text/javascript; charset=utf-8", include_str!("../assets/passkey.js")),
    ("place.js", "text/javascript; charset=utf-8", include_str!("../assets/place.js")),
    ("voxpark.svg", "image/svg+xml", include_str!("../assets/voxpark.svg")),
];

/// FNV-1a over the content: short, stable, no secret.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let bytes = FILES.iter().flat_map(|(_, _, text)| text.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
});

/// Address of a file.
pub(crate) fn address(name: &str) -> String {
    format!("/assets/{name}?v={}", *VERSION)
}

/// The files, cached for a year.
pub(crate) fn routes() -> Router<Console> {
    FILES.iter().fold(Router::new(), |router, (name, media_type, text)| {
        let headers = [(CONTENT_TYPE, *media_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
        router.route(&format!("/assets/{name}"), get(move || async move { (headers, *text) }))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    type Tokens = BTreeMap<String, [f64; 3]>;

    /// The colours of a block of tokens.
    fn colours(block: &str) -> Tokens {
        let hex = |text: &str, at: usize| f64::from(u8::from_str_radix(&text[at..at + 2], 16).expect("hex")) / 255.0;
        block
            .split("--")
            .skip(1)
            .filter_map(|token| token.split_once(": #"))
            .map(|(name, value)| (name.to_owned(), [hex(value, 0), hex(value, 2), hex(value, 4)]))
            .collect()
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(rgb: [f64; 3]) -> f64 {
        let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        let [r, g, b] = rgb.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    #[test]
    fn text_stands_out_in_both_schemes() {
        let css = include_str!("../assets/console.css");
        let light = css.split(":root {").nth(1).and_then(|rest| rest.split('}').next()).expect("light tokens");
        let dark = css.split(":root {").nth(2).and_then(|rest| rest.split('}').next()).expect("dark tokens");
        for (scheme, tokens) in [("light", colours(light)), ("dark", colours(dark))] {
            let contrast = |a: &str, b: &str| {
                let of = |name: &str| luminance(*tokens.get(name).unwrap_or_else(|| panic!("{scheme}: no {name}")));
                let (a, b) = (of(a), of(b));
                (a.max(b) + 0.05) / (a.min(b) + 0.05)
            };
            let mut pairs: Vec<(&str, &str)> = Vec::new();
            for text in ["ink", "ink-2", "ink-3", "accent"] {
                pairs.extend([(text, "paper"), (text, "ground"), (text, "accent-soft")]);
            }
            for state in ["ok", "warn", "bad", "info", "idle"] {
                pairs.push((state, "paper"));
            }
            pairs.extend([
                ("ok", "ok-soft"),
                ("warn", "warn-soft"),
                ("bad", "bad-soft"),
                ("info", "info-soft"),
                ("idle", "idle-soft"),
                ("on-accent", "accent"),
                ("on-accent", "bad"),
                ("ink", "bad-soft"),
                ("ink", "warn-soft"),
                ("ink", "ok-soft"),
                ("accent", "bad-soft"),
            ]);
            for (text, ground) in pairs {
                let ratio = contrast(text, ground);
                assert!(ratio >= 4.5, "{scheme}: {text} on {ground} is {ratio:.2}");
            }
            // Lines of controls and drawn things need 3 to 1.
            for drawn in ["edge", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"] {
                for ground in ["paper", "ground"] {
                    let ratio = contrast(drawn, ground);
                    assert!(ratio >= 3.0, "{scheme}: {drawn} on {ground} is {ratio:.2}");
                }
            }
        }
    }
}
