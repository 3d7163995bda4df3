//! Pictures as browsers get them: what may be taken in, who is given what, and under which policy.

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use voxpark_tests::on_both;

use super::{dot, plan};
use crate::edge::{Edge, json_of};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 300 100\"><path d=\"M0 0H300\"/></svg>";

/// Takes a file in as the park; its id, or what was said.
async fn take(edge: &Edge, name: &str, declared: &str, body: &[u8]) -> (u16, Value) {
    let bearer = edge.bearer("park").await;
    let headers = [("authorization", &*bearer), ("content-type", declared), ("accept-language", "en")];
    let answer = edge.send(Method::POST, &format!("/files?name={name}"), &headers, body.to_vec()).await;
    (answer.status().as_u16(), json_of(answer).await)
}

/// A floor with one seat, through the edge's own files; floor and seat.
async fn ground(edge: &Edge) -> (Value, Value) {
    let file = take(edge, "plan.csv", "text/csv", plan(1).as_bytes()).await.1["id"].clone();
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": "plan" });
    let document = "mutation($input: SeatPlanImportInput!) { seatPlanImport(input: $input) { added } }";
    let body = json!({ "query": document, "variables": { "input": input } }).to_string();
    let bearer = edge.bearer("park").await;
    let headers = [("authorization", &*bearer), ("content-type", "application/json"), ("accept", "application/json")];
    let made = json_of(edge.send(Method::POST, "/graphql", &headers, body).await).await;
    assert_eq!(made["data"]["seatPlanImport"]["added"], 1, "{made}");
    let found = edge.world.ok("park", "{ park { floors { id } seats { nodes { id } } } }", json!({})).await;
    (found["park"]["floors"][0]["id"].clone(), found["park"]["seats"]["nodes"][0]["id"].clone())
}

/// A mutation through the edge, as the park: its payload.
async fn change(edge: &Edge, document: &str, input: Value) -> Value {
    let bearer = edge.bearer("park").await;
    let headers = [("authorization", &*bearer), ("content-type", "application/json"), ("accept", "application/json")];
    let body = json!({ "query": document, "variables": { "input": input } }).to_string();
    let answer = json_of(edge.send(Method::POST, "/graphql", &headers, body).await).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["payload"].clone()
}

on_both! {
    /// The picture of a floor goes to everybody of the park, a photograph to its staff; as an image in which nothing runs; what
    /// is there already is not sent again.
    async fn pictures_are_given_to_those_who_may_see_them(backend) {
        let edge = Edge::with(backend, &[("VOXPARK_LIMITS_DOCUMENTS", "everybody")]).await;
        let (floor, seat) = ground(&edge).await;
        let svg = take(&edge, "floor.svg", "image/svg+xml", SVG.as_bytes()).await.1["id"].clone();
        let set = json!({ "floorId": floor, "fileId": svg, "xMm": 0, "yMm": 0, "widthMm": 9_000, "from": "2026-02-01", "idempotencyKey": "set" });
        let made = change(&edge, "mutation($input: FloorPlanSetInput!) { payload: floorPlanSet(input: $input) { floor { plans { picture { path } } } userErrors { rule } } }", set).await;
        let plan = made["floor"]["plans"][0]["picture"]["path"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let png = take(&edge, "desk.png", "image/png", &dot()).await.1["id"].clone();
        let add = json!({ "seatId": seat, "fileId": png, "caption": "Desk", "takenOn": "2026-11-20", "idempotencyKey": "add" });
        let made = change(&edge, "mutation($input: PhotoAddInput!) { payload: photoAdd(input: $input) { photo { id path } userErrors { rule } } }", add).await;
        let photo = made["photo"]["path"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();

        let get = async |path: &str, who: &str, etag: &str| {
            let bearer = edge.bearer(who).await;
            edge.send(Method::GET, path, &[("authorization", &*bearer), ("if-none-match", etag)], Body::empty()).await
        };
        let given = get(&plan, "a1", "").await;
        assert_eq!(given.status(), StatusCode::OK);
        let head = |name: header::HeaderName| given.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((head(header::CONTENT_TYPE), head(header::CONTENT_DISPOSITION)), ("image/svg+xml".to_owned(), "inline".to_owned()));
        assert_eq!((head(header::X_CONTENT_TYPE_OPTIONS), head(header::CACHE_CONTROL)), ("nosniff".to_owned(), "private, no-cache".to_owned()));
        let policy = head(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox") && !policy.contains("script"), "{policy}");
        let etag = head(header::ETAG);
        assert_eq!(to_bytes(given.into_body(), usize::MAX).await.unwrap(), SVG.as_bytes());
        let again = get(&plan, "a1", &etag).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(to_bytes(again.into_body(), usize::MAX).await.unwrap().is_empty());

        for (path, who, status) in [(&plan, "park", 200), (&plan, "a2", 200), (&plan, "other-park", 404), (&plan, "b1", 404), (&plan, "assessor", 404),
            (&photo, "park", 200), (&photo, "a1", 404), (&photo, "other-park", 404), (&photo, "assessor", 404)] {
            assert_eq!(get(path, who, "").await.status().as_u16(), status, "{who} {path}");
        }
        assert_eq!(get("/pictures/x", "park", "").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(edge.send(Method::GET, &plan, &[], Body::empty()).await.status(), StatusCode::UNAUTHORIZED);
        // Whoever knows what it holds and may not see it learns nothing either.
        assert_eq!(get(&plan, "other-park", &etag).await.status(), StatusCode::NOT_FOUND);
        let remove = json!({ "photoId": made["photo"]["id"], "idempotencyKey": "remove" });
        change(&edge, "mutation($input: PhotoRemoveInput!) { payload: photoRemove(input: $input) { userErrors { rule } } }", remove).await;
        assert_eq!(get(&photo, "park", "").await.status(), StatusCode::NOT_FOUND);
    }

    /// An SVG in which something runs or reaches elsewhere, a drawing as bytes, an SVG by another name: not taken in, and the
    /// refusal names what it is.
    async fn what_could_run_is_not_taken_in(backend) {
        let edge = Edge::new(backend).await;
        let svg = |body: &str| format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 3 1\">\n{body}</svg>");
        for (name, body, words) in [
            ("a.svg", svg("<script>alert(1)</script>"), "in line 2: <script>"),
            ("a.svg", svg("<g onload=\"x()\"/>"), "onload"),
            ("a.svg", svg("<image href=\"https://elsewhere.test/x.png\"/>"), "https://elsewhere.test/x.png"),
            ("a.svg", svg("<foreignObject/>"), "<foreignObject>"),
            ("a.svg", format!("<!DOCTYPE svg [<!ENTITY a \"b\">]>{}", svg("")), "<!DOCTYPE>"),
            ("a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><g></svg>".to_owned(), "cannot be read"),
            ("a.png", svg(""), ".png"),
            ("a.dxf", "AutoCAD Binary DXF\r\n\u{1a}\0".to_owned(), "binary DXF"),
            ("a.dxf", "nothing of the kind".to_owned(), ".dxf"),
        ] {
            let (status, answer) = take(&edge, name, "", body.as_bytes()).await;
            assert_eq!(status, 422, "{body}: {answer}");
            assert!(answer.to_string().contains(words), "{body}: {answer}");
        }
        let (status, answer) = take(&edge, "a.svg&for=evidence", "", svg("").as_bytes()).await;
        assert_eq!(status, 422, "{answer}");
        let (status, answer) = take(&edge, "a.svg&for=floor-plan", "image/svg+xml", svg("").as_bytes()).await;
        assert_eq!((status, &answer["mediaType"]), (201, &json!("image/svg+xml")));
        let (status, answer) = take(&edge, "a.dxf&for=placing", "", b"0\nSECTION\n2\nENTITIES\n0\nENDSEC\n0\nEOF\n").await;
        assert_eq!((status, &answer["mediaType"]), (201, &json!("image/vnd.dxf")));
    }
}
