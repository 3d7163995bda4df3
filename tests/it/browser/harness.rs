//! The browser harness itself, on a page of its own.

use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::response::Html;
use axum::{Router, routing::get};
use serde_json::json;
use voxpark_tests::browser::{Browser, Setup};

/// A page that greets in the language it was asked in, by a form without script and by a button with it.
async fn page(headers: HeaderMap, RawQuery(query): RawQuery) -> Html<String> {
    let language = headers.get("accept-language").and_then(|v| v.to_str().ok()).unwrap_or("none");
    let language = language.split(',').next().unwrap_or_default(); // the rest is what the browser adds: zh-CN,zh;q=0.9
    let answer = query.unwrap_or_default();
    Html(format!(
        r#"<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <link rel="icon" href="data:,">
        <title>席位</title><h1>Asked in {language}</h1><p id="answer">{answer}</p>
        <form><input name="seats" value="1"><button id="send">分配</button></form>
        <p id="script">no script</p>
        <button id="count" onclick="this.textContent = 'counted'">count</button>
        <script>document.getElementById('script').textContent = 'script ran'</script></html>"#
    ))
}

async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/", get(page));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/")
}

#[tokio::test]
async fn a_page_is_read_filled_and_clicked() {
    let url = serve().await;
    let browser = Browser::open(&Setup::desktop("zh-CN")).await;
    browser.visit(&url).await;
    browser.text("Asked in zh-CN").await;
    browser.text("script ran").await;
    browser.click("#count").await;
    browser.text("counted").await;
    browser.fill("[name=seats]", "240").await;
    browser.click("#send").await;
    browser.text("seats=240").await;
    assert_eq!(browser.title().await.unwrap(), "席位");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    assert_eq!(browser.hosts().await, Vec::<String>::new());
    browser.execute("console.error('seat map failed')", Vec::new()).await.unwrap();
    let complaints = browser.complaints().await;
    assert!(matches!(complaints.as_slice(), [one] if one.contains("seat map failed")), "{complaints:?}");
}

#[tokio::test]
async fn a_page_is_read_without_script() {
    let url = serve().await;
    let browser = Browser::open(&Setup::desktop("en").without_script()).await;
    browser.visit(&url).await;
    browser.text("Asked in en").await;
    browser.text("no script").await;
    browser.fill("[name=seats]", "12").await;
    browser.click("#send").await;
    browser.text("seats=12").await;
}

#[tokio::test]
async fn a_phone_is_narrow_and_can_be_dark() {
    let url = serve().await;
    let browser = Browser::open(&Setup::phone("zh-CN").dark()).await;
    browser.visit(&url).await;
    let seen = browser
        .execute(
            "return [innerWidth, innerHeight, navigator.language, matchMedia('(prefers-color-scheme: dark)').matches,
             matchMedia('(pointer: coarse)').matches]",
            Vec::new(),
        )
        .await
        .unwrap();
    assert_eq!(seen, json!([390, 844, "zh-CN", true, true]));
    let png = browser.screenshot("harness-phone").await;
    assert!(png.metadata().unwrap().len() > 1000);
}
