//! What is printed from the code and committed: schema, permissions, rules. `VOXPARK_TEST_UPDATE=1 ./test generated`
//! writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use voxpark_domain::permission;
use voxpark_graphql::words::CATALOGUES;
use voxpark_tests::tools::{setting, workspace_root};

fn compare(path: &str, text: &str) {
    let file = workspace_root().join(path);
    if setting("VOXPARK_TEST_UPDATE").is_some() {
        fs::write(&file, text).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == text, "{path} is not what the code prints: VOXPARK_TEST_UPDATE=1 ./test generated");
}

/// `schema.graphql` is the schema.
#[test]
fn the_committed_schema_is_the_schema() {
    compare("graphql/schema.graphql", &voxpark_graphql::sdl());
}

/// `docs/permissions.md` is the permission table.
#[test]
fn the_committed_permissions_are_the_permissions() {
    let text = format!(
        "# Who may do what\n\nPrinted from `domain/src/permission.rs`; a test compares. **R**ead, **W**rite, **C**ommit (the act that binds: \
         issue, submit, grant). Rows are limited further by scope: staff of a park to their park, staff of a tenant to their tenant, \
         assessors to their grants. What may not even be read does not exist for the caller.\n\n{}",
        permission::table()
    );
    compare("docs/permissions.md", &text);
}

/// Every rule id that the code names, with the file it is named in.
fn rules_in_code() -> BTreeMap<String, String> {
    fn visit(folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                // Tests may invent rules of their own.
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                let mut rest = code;
                while let Some(at) = rest.find("RefusalCode::") {
                    rest = rest.split_at(at + 13).1;
                    let head: String = rest.chars().take(90).collect();
                    if let Some((variant, tail)) = head.split_once(',') {
                        let quoted = tail.trim_start().strip_prefix('"').and_then(|t| t.split_once('"'));
                        if let Some((rule, _)) = quoted.filter(|_| variant.chars().all(char::is_alphanumeric)) {
                            found.insert(rule.to_owned(), path.display().to_string());
                        }
                    }
                }
                // What entries of the books say.
                for said in code.split("Text::of(\"").skip(1).filter_map(|rest| rest.split_once('"')) {
                    found.insert(said.0.to_owned(), path.display().to_string());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    for room in ["domain/src", "billing/src", "infra/src", "graphql/src", "api/src"] {
        visit(&workspace_root().join(room), &mut found);
    }
    found
}

fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for line in text.lines().filter(|l| !l.starts_with(['#', ' ']) && l.contains(" = ")) {
        let (id, message) = line.split_once(" = ").unwrap();
        let args = message.split("{ $").skip(1).filter_map(|p| p.split(' ').next()).map(str::to_owned).collect();
        assert!(all.insert(id.to_owned(), args).is_none(), "{id} is written twice");
    }
    all
}

/// Every rule has words in every language, with the same arguments, and `docs/errors.md` lists them.
#[test]
fn every_rule_has_words_in_every_language() {
    let [zh, en] = CATALOGUES.map(|(_, text)| messages(text));
    for (id, args) in &en {
        assert_eq!(zh.get(id), Some(args), "{id} differs between the languages");
    }
    assert_eq!(
        zh.len(),
        en.len(),
        "only in Chinese: {:?}",
        zh.keys().filter(|k| !en.contains_key(*k)).collect::<Vec<_>>()
    );
    let code = rules_in_code();
    let wordless: Vec<_> = code.iter().filter(|(rule, _)| !en.contains_key(*rule)).collect();
    assert!(wordless.is_empty(), "rules without words: {wordless:?}");

    let mut table = String::from(
        "# Refusals\n\nPrinted from `graphql/locales`; a test compares. A refusal is `userErrors { code rule path message }`: `code` is one of \
         ten categories, `rule` one of these, `path` names the field, `message` is in the caller's language.\n\n| rule | English | 中文 |\n|---|---|---|\n",
    );
    let text = |catalogue: &str, id: &str| {
        let start = format!("{id} = ");
        let mut lines = catalogue.lines().skip_while(|l| !l.starts_with(&start));
        let first = lines.next().and_then(|l| l.strip_prefix(&start)).unwrap_or_default().to_owned();
        // A message with a choice of words goes on in indented lines.
        let more = lines.take_while(|l| l.starts_with(' ')).fold(first, |text, line| text + " " + line.trim());
        more.replace('|', "\\|")
    };
    let [zh_text, en_text] = CATALOGUES.map(|c| c.1);
    for id in en.keys() {
        let _ = writeln!(table, "| `{id}` | {} | {} |", text(en_text, id), text(zh_text, id));
    }
    compare("docs/errors.md", &table);
}
