//! Parks and tenants.

use serde_json::json;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

fn draft(code: &str, key: &str) -> serde_json::Value {
    json!({ "code": code, "name": "新程科技", "nameEn": "Xincheng", "operatingSince": "2026-01-01", "arrivedOn": "2026-11-01", "idempotencyKey": key })
}

on_both! {
    /// A new tenant appears in the list, in pages, and can be fetched again by its id.
    async fn tenants_are_listed_in_pages(backend) {
        let world = World::new(backend).await;
        let made = world.done("park", "tenantCreate", "tenant { id code }", draft("C3", "k")).await;
        let page = "query($after: String) { park { tenants(first: 2, after: $after) { nodes { code } totalCount pageInfo { hasNextPage endCursor } } } }";
        let first = world.ok("park", page, json!({})).await["park"]["tenants"].clone();
        assert_eq!(first["nodes"], json!([{ "code": "A1" }, { "code": "A2" }]));
        assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
        let second = world.ok("park", page, json!({ "after": first["pageInfo"]["endCursor"] })).await["park"]["tenants"].clone();
        assert_eq!(second["nodes"], json!([{ "code": "C3" }]));
        let node = "query($id: ID!) { node(id: $id) { id ... on Tenant { code } } }";
        let again = world.ok("park", node, json!({ "id": made["tenant"]["id"] })).await;
        assert_eq!(again["node"], made["tenant"]);
        assert!(world.ok("a1", node, json!({ "id": made["tenant"]["id"] })).await["node"].is_null());
        assert!(world.ok("other-park", node, json!({ "id": made["tenant"]["id"] })).await["node"].is_null());
    }

    /// Codes are unique in a park, free in the next; a key used for something else is refused.
    async fn codes_are_unique_in_a_park(backend) {
        let world = World::new(backend).await;
        assert_eq!(world.refused("park", "tenantCreate", draft("A1", "k1")).await, ["tenant-code-taken"]);
        world.done("other-park", "tenantCreate", "tenant { code }", draft("A1", "k1")).await;
        assert_eq!(world.refused("other-park", "tenantCreate", draft("A9", "k1")).await, ["idempotency-key-reused"]);
        let bad = json!({ "code": "a b", "name": "", "nameEn": "x", "operatingSince": "2026-01-01", "arrivedOn": "2026-11-01", "idempotencyKey": "k2" });
        assert_eq!(world.refused("park", "tenantCreate", bad).await, ["code-invalid", "text-required"]);
    }
}
