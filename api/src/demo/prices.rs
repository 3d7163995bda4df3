//! The price book of the demonstration park: the example that is shipped, in both of its versions.

use serde_json::json;
use voxpark_domain::Result;

use super::client::Client;

/// File, text and what the version is about, in order.
const VERSIONS: &[(&str, &str, &str)] = &[
    ("example.v1.toml", include_str!("../../../frameworks/price-books/example.v1.toml"), "首个版本：按总量阶梯定价"),
    (
        "example.v2.toml",
        include_str!("../../../frameworks/price-books/example.v2.toml"),
        "改为分段累进，消除多租反而便宜的情形；2027 年起调价",
    ),
];

/// Publishes version 1 or 2.
pub(super) async fn publish(client: &mut Client<'_>, version: usize) -> Result<()> {
    for (file, text, note) in VERSIONS.iter().skip(version - 1).take(1) {
        let input = json!({ "text": text, "fileName": file, "note": note });
        client.done("finance", "priceBookPublish", "", input).await?;
    }
    Ok(())
}
