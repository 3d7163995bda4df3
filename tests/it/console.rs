//! The console and the API fit together.

use axum::body::{Body, Bytes};
use axum::http::{Request, Response, header};
use chrono::TimeDelta;
use serde_json::json;
use voxpark_graphql::Call;
use voxpark_tests::app::{PASSWORD, World, email};
use voxpark_tests::site::Site;
use voxpark_tests::{Backend, on_both, tools};

use crate::estate::{import, plan};

/// Every document of every page is valid, within the limits that strangers' documents have.
#[tokio::test]
async fn every_document_of_the_console_is_valid() {
    let world = World::new(Backend::Sqlite).await;
    let wrong = world.call(None, "query Wrong($id: ID!) { node(id: $id) { nothing } }", json!({})).await.body;
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    let mut operations = 0;
    for (page, document) in voxpark_console::documents() {
        let starts = document.lines().filter_map(|l| l.strip_prefix("query ").or(l.strip_prefix("mutation ")));
        for operation in starts.filter_map(|rest| rest.split(['(', ' ', '{']).next()) {
            let call = Call {
                document: (*document).to_owned(),
                operation: Some(operation.to_owned()),
                variables: json!({}),
                ..Call::default()
            };
            // Nobody asks and nothing is given: what is wrong with the document itself is said before that.
            let answer = world.api.execute(call).await.body;
            let errors = answer["errors"].as_array().cloned().unwrap_or_default();
            let codes: Vec<_> = errors.iter().filter_map(|e| e["extensions"]["code"].as_str()).collect();
            let fine = codes.iter().all(|code| matches!(*code, "UNAUTHENTICATED" | "BAD_USER_INPUT"));
            assert!(fine, "{page} {operation}: {answer}");
            operations += 1;
        }
    }
    assert!(operations > 50, "{operations} operations");
}

/// What a browser of somebody keeps: its cookies.
struct Visitor<'a> {
    site: &'a Site,
    cookies: String,
}

impl<'a> Visitor<'a> {
    async fn new(site: &'a Site, who: &str) -> Self {
        let form = format!("email={}&password={}", email(who).replace('@', "%40"), PASSWORD.replace(' ', "+"));
        let request =
            Request::post(site.at("/sign-in")).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = tools::http(request.body(Body::from(form)).unwrap()).await;
        Self { site, cookies: Self::kept(&answer) }
    }
    fn kept(answer: &Response<Bytes>) -> String {
        let set = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok());
        set.filter_map(|v| v.split(';').next()).collect::<Vec<_>>().join("; ")
    }
    async fn get(&self, path: &str) -> Response<Bytes> {
        let request = Request::get(self.site.at(path)).header(header::COOKIE, &self.cookies);
        tools::http(request.header(header::ACCEPT_LANGUAGE, "en").body(Body::empty()).unwrap()).await
    }
}

fn text(answer: Response<Bytes>) -> String {
    assert_eq!(answer.status(), 200);
    String::from_utf8(answer.into_body().to_vec()).unwrap()
}

on_both! {
    /// A list is taken away whole, with the filters of its address, as CSV and as a workbook; by whom may see it.
    async fn a_list_is_taken_away(backend) {
        let site = Site::open(backend).await;
        let bytes = plan(330).replace("Z1,S-0007,equipped", "Z1,S-0007,bare");
        assert_eq!(import(&site.world, bytes.as_bytes(), json!({})).await["added"], 330);
        let park = Visitor::new(&site, "park").await;
        let answer = park.get("/park/seats?as=csv").await;
        assert_eq!(answer.headers()[header::CONTENT_DISPOSITION], "attachment; filename*=UTF-8''Seats-2026-11-21.csv");
        let all = text(answer);
        assert!(all.starts_with("\u{feff}Seat,Floor,Zone,Seat product,State,Tenant,Lease,From,Until (not included)\r\n"), "{all}");
        assert_eq!(all.lines().count(), 331);
        assert!(all.contains("S-0007,3F,Z1,Bare,Free,,,,\r\n"), "{all}");
        assert!(all.contains("S-0330,3F,Z2,Equipped,Free,,,,\r\n"));
        let bare = text(park.get("/park/seats?product=BARE&as=csv").await);
        assert_eq!(bare.lines().count(), 2);
        let book = park.get("/park/seats?as=xlsx").await;
        assert_eq!(book.headers()[header::CONTENT_TYPE], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        assert!(book.body().starts_with(b"PK"));
        for path in ["/park/tenants", "/park/leases", "/park/invoices", "/park/grants"] {
            assert!(text(park.get(&format!("{path}?as=csv")).await).lines().count() > 0, "{path}");
        }
        assert_eq!(text(park.get("/park/tenants?as=csv").await).lines().count(), 3);
        let centre = Visitor::new(&site, "a1").await;
        assert_eq!(centre.get("/park/seats?as=csv").await.status(), 403);
        let list = "工号,姓名,岗位,班组,入职日期\nE1,=1+1,坐席,,2026-01-05\n";
        let file = site.world.upload("a1", "people.csv", list.as_bytes()).await;
        let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false, "idempotencyKey": "people" });
        assert_eq!(site.world.done("a1", "peopleImport", "added", input).await["added"], 1);
        let people = text(centre.get("/centre/people?as=csv").await);
        assert!(people.ends_with("\r\nE1,\"'=1+1\",坐席,,2026-01-05,,\r\n"), "{people}");
        let roster = text(centre.get("/centre/roster?week=2026-11-21&as=csv").await);
        assert!(roster.starts_with("\u{feff}Employee no.,Name,2026-11-16,") && roster.ends_with("\r\nE1,\"'=1+1\",,,,,,,\r\n"), "{roster}");
        let cost = text(centre.get("/centre/cost?month=2026-10&as=csv").await);
        assert!(cost.ends_with("2026-10,Total,0.00,,,CNY\r\n"), "{cost}");
        for path in ["/centre/invoices", "/centre/imports", "/centre/maturity", "/centre/operations"] {
            assert_eq!(text(centre.get(&format!("{path}?as=csv")).await).lines().count(), 1, "{path}");
        }
    }

    /// A download outlives the token of its page: the browser buys a new one and comes back.
    async fn a_download_renews_the_token(backend) {
        let site = Site::open(backend).await;
        let file = site.world.upload("a1", "minutes.txt", b"kept").await;
        let mut browser = Visitor::new(&site, "a1").await;
        let path = format!("/files/{file}");
        assert_eq!(text(browser.get(&path).await), "kept");
        site.world.clock.advance(TimeDelta::hours(2));
        let away = browser.get(&path).await;
        assert_eq!((away.status().as_u16(), &away.headers()[header::LOCATION]), (303, &header::HeaderValue::from_str(&format!("/renew?next=%2Ffiles%2F{file}")).unwrap()));
        let back = browser.get(away.headers()[header::LOCATION].to_str().unwrap()).await;
        assert_eq!(back.headers()[header::LOCATION], path.as_str());
        browser.cookies = Visitor::kept(&back);
        assert_eq!(text(browser.get(&path).await), "kept");
        let none = tools::http(Request::get(site.at(&path)).body(Body::empty()).unwrap()).await;
        assert_eq!(none.status(), 401, "nobody's browser");
    }
}

/// A tenant behind the first hundred is found, by its name and by how it is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_search_goes_through_the_whole_list() {
    let site = Site::open(Backend::Sqlite).await;
    for n in 0..105 {
        let name = if n == 104 { "云岭热线".to_owned() } else { format!("企业 {n}") };
        let input = json!({ "code": format!("T{n:03}"), "name": name, "nameEn": "x", "business": "客服", "operatingSince": "2026-01-01",
            "arrivedOn": "2026-11-01", "idempotencyKey": format!("t{n}") });
        site.world.done("park", "tenantCreate", "tenant { id }", input).await;
    }
    let park = Visitor::new(&site, "park").await;
    for query in ["t104", "%E4%BA%91%E5%B2%AD", "yunling", "ylrx"] {
        let page = text(park.get(&format!("/park/search?q={query}")).await);
        assert!(page.contains("T104") && !page.contains("T007"), "{query}");
    }
}
