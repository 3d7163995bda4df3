//! The console and the API fit together.

use serde_json::json;
use voxpark_graphql::Call;
use voxpark_tests::Backend;
use voxpark_tests::app::World;

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
