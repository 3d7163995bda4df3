//! The catalogues are complete: every word used exists in both languages with the same arguments, none is left over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use super::*;

type Catalogue = BTreeMap<String, BTreeSet<String>>;

fn arguments(pattern: &Pattern<&str>, out: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, out);
        }
    }
}

fn of_expression(expression: &Expression<&str>, out: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, out),
        Expression::Select { selector, variants } => {
            of_inline(selector, out);
            for variant in variants {
                arguments(&variant.value, out);
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, out: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            out.insert(id.name.to_owned());
        }
        InlineExpression::FunctionReference { arguments: CallArguments { positional, .. }, .. } => {
            for argument in positional {
                of_inline(argument, out);
            }
        }
        InlineExpression::Placeable { expression } => of_expression(expression, out),
        _ => {}
    }
}

fn catalogue(pick: impl Fn(&(&str, &'static str, &'static str)) -> &'static str) -> Catalogue {
    let mut out = Catalogue::new();
    for file in FILES {
        let resource = parser::parse(pick(file)).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", file.0));
        for entry in &resource.body {
            if let Entry::Message(message) = entry {
                let mut args = BTreeSet::new();
                arguments(message.value.as_ref().expect("a value"), &mut args);
                assert!(out.insert(message.id.name.to_owned(), args).is_none(), "{} is there twice", message.id.name);
            }
        }
    }
    out
}

/// Every `.s("key")`, `key: "key"` of a place and `.of("family", ..)` in sources and templates.
fn used() -> (BTreeSet<String>, BTreeSet<String>) {
    fn walk(path: &Path, visit: &mut impl FnMut(&str)) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).expect("a folder") {
                walk(&entry.expect("an entry").path(), visit);
            }
        } else if path.extension().is_some_and(|e| e == "rs" || e == "html") && !path.ends_with("words/tests.rs") {
            let text = std::fs::read_to_string(path).expect("a text");
            // Documentation shows how words are said; what it says is no use of a word.
            text.lines().filter(|line| !line.trim_start().starts_with("//")).for_each(visit);
        }
    }
    let (mut keys, mut families) = (BTreeSet::new(), BTreeSet::new());
    let mut scan = |line: &str| {
        for mark in [".s(\"", " key: \"", ".of(\""] {
            let found = if mark == ".of(\"" { &mut families } else { &mut keys };
            found.extend(line.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "templates", "pages"] {
        walk(&root.join(folder), &mut scan);
    }
    keys.remove("");
    (keys, families)
}

#[test]
fn both_catalogues_say_the_same_with_the_same_arguments() {
    let (zh, en) = (catalogue(|f| f.1), catalogue(|f| f.2));
    for (key, args) in &zh {
        assert_eq!(en.get(key), Some(args), "{key}: English differs");
    }
    for key in en.keys() {
        assert!(zh.contains_key(key), "{key}: no Chinese");
    }
}

#[test]
fn every_word_used_exists_and_every_word_is_used() {
    let zh = catalogue(|f| f.1);
    let (keys, families) = used();
    let known: BTreeSet<String> = FAMILIES.iter().map(|(family, _)| (*family).to_owned()).collect();
    assert_eq!(families.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "families without values");
    let mut expected = keys;
    for (family, values) in FAMILIES {
        expected.extend(values.iter().map(|v| format!("{family}-{}", v.to_ascii_lowercase().replace('_', "-"))));
    }
    let missing: Vec<_> = expected.iter().filter(|k| !zh.contains_key(*k)).collect();
    let unused: Vec<_> = zh.keys().filter(|k| !expected.contains(*k)).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
    assert!(unused.is_empty(), "words nobody uses: {unused:?}");
}

#[test]
fn numbers_in_sentences_are_grouped_and_plural() {
    let w = Words::new(Lang::En);
    assert_eq!(w.s("form-errors").arg("n", 1_i64).to_string(), "1 thing to mend");
    assert_eq!(w.s("form-errors").arg("n", 1200_i64).to_string(), "1,200 things to mend");
    assert_eq!(w.of("invoice-state", "PART_PAID").to_string(), "Part paid");
    assert_eq!(w.of("invoice-state", "LOST").to_string(), "⟦invoice-state-lost⟧");
}
