//! The three files a browser fetches beside pages. Their addresses change with their content, so they never go stale.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;

use crate::Console;

const FILES: &[(&str, &str, &str)] = &[
    ("console.css", "text/css; charset=utf-8", include_str!("../assets/console.css")),
    ("console.js", "text/javascript; charset=utf-8", include_str!("../assets/console.js")),
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
