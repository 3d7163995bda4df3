//! A document before it is validated: parsed once, its operation found, and refused when it is larger than anybody needs.
//!
//! Depth, complexity, aliases and directives are limits of validation; these here are the ones that must hold before a
//! document is worth validating.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
    VariableDefinition,
};
use async_graphql::{ErrorExtensionValues, Name, ServerError, Value as ConstValue, Variables};

use crate::api::Limits;

/// Parses a document that is not too large to be worth it.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<ExecutableDocument, ServerError> {
    let characters = text.chars().count();
    if characters > limits.characters {
        let most = limits.characters;
        return Err(refusal(format!("The document has {characters} characters; at most {most} are allowed."), LIMIT));
    }
    let (tokens, beyond) = tokens(text);
    if tokens > limits.tokens {
        let most = limits.tokens;
        return Err(refusal(format!("The document has {tokens} tokens; at most {most} are allowed."), LIMIT));
    }
    let parsed = parse_query(text)?;
    if let Some(number) = beyond {
        // Nothing takes one: no argument of ours is a number beyond Int, and ids are texts.
        return Err(refusal(format!("{number} is beyond the range of Int."), LIMIT));
    }
    Ok(parsed)
}

/// A document that may be executed.
pub(crate) struct Document {
    pub(crate) parsed: Arc<ExecutableDocument>,
    /// What its operation does.
    pub(crate) kind: OperationType,
    /// Whether the caller wrote it, rather than this installation.
    pub(crate) own: bool,
    /// The fields at the root of the operation.
    roots: Vec<Name>,
    /// The name of the operation, if it has one.
    name: Option<Name>,
    /// Variables, each with what becomes of it when it is not given.
    variables: Vec<(Name, Unsaid)>,
}

/// What becomes of a variable that is not given.
enum Unsaid {
    /// It has this value.
    Is(ConstValue),
    /// It must be given, and the size of a page may hang on it.
    Int,
    /// It must be given.
    Missing,
}

impl Document {
    /// Finds the operation of a parsed document.
    pub(crate) fn of(
        parsed: Arc<ExecutableDocument>,
        own: bool,
        operation: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, ServerError> {
        let chosen = chosen(&parsed, operation)?;
        let kind = chosen.ty;
        let mut roots = Vec::new();
        find_roots(&parsed, &chosen.selection_set.node, &mut HashSet::new(), &mut roots);
        // A subscription has one source of events (GraphQL specification, section 5.2.3.1).
        let most = if kind == OperationType::Subscription { 1 } else { limits.roots };
        if roots.len() > most {
            let count = roots.len();
            return Err(refusal(
                format!("The operation has {count} fields at its root; at most {most} are allowed."),
                LIMIT,
            ));
        }
        let levels = Depth { document: &parsed, fragments: HashMap::new() }.of(&chosen.selection_set.node);
        if levels > limits.depth {
            let most = limits.depth;
            return Err(refusal(format!("The operation is {levels} levels deep; at most {most} are allowed."), LIMIT));
        }
        if kind == OperationType::Subscription && roots.iter().any(|name| name.starts_with("__")) {
            return Err(refusal("A subscription has no introspection at its root.", LIMIT));
        }
        let value = |v: &VariableDefinition| match &v.default_value {
            Some(default) => Unsaid::Is(default.node.clone()),
            None if v.var_type.node.nullable => Unsaid::Is(ConstValue::Null),
            None if v.var_type.node.base == BaseType::Named(Name::new("Int")) => Unsaid::Int,
            None => Unsaid::Missing,
        };
        let mine = chosen.variable_definitions.iter().map(|v| (v.node.name.node.clone(), value(&v.node)));
        let mine: Vec<(Name, Unsaid)> = mine.collect();
        // What a document costs is worked out over all of its operations, but only one is given its variables.
        let others = parsed.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
        let others = others.filter_map(|v| match value(&v.node) {
            Unsaid::Missing => None,
            Unsaid::Int => Some((v.node.name.node.clone(), Unsaid::Is(ConstValue::from(1)))),
            known @ Unsaid::Is(_) => Some((v.node.name.node.clone(), known)),
        });
        let others: Vec<_> = others.filter(|(name, _)| mine.iter().all(|(known, _)| known != name)).collect();
        let variables = mine.into_iter().chain(others).collect();
        let name = name_of(&parsed, operation);
        Ok(Self { parsed, kind, own, roots, name, variables })
    }

    /// What figures call it: of documents that callers wrote nothing is told, so that they cannot make names.
    pub(crate) fn name(&self) -> Arc<str> {
        match &self.name {
            _ if self.own => Arc::from("own"),
            Some(name) => Arc::from(name.as_str()),
            None => Arc::from("unnamed"),
        }
    }

    /// Whether it does nothing but what nobody needs to be signed in for, as far as its root fields tell.
    pub(crate) fn is_within(&self, fields: &[&str]) -> bool {
        self.roots.iter().all(|name| fields.contains(&name.as_str()))
    }

    /// Gives variables that were left out their default, or the null that they stand for. The library takes them for
    /// undefined where it works out what a document costs; no field of ours tells an argument left out from null. Also
    /// names a number that must be given and is not, which is said once the document itself is known to be good; of
    /// others execution says it.
    pub(crate) fn complete(&self, mut given: Variables) -> (Variables, Missing) {
        let mut missing = None;
        for (name, unsaid) in &self.variables {
            if given.contains_key(name) {
                continue;
            }
            match unsaid {
                Unsaid::Is(value) => drop(given.insert(name.clone(), value.clone())),
                Unsaid::Int => {
                    given.insert(name.clone(), ConstValue::from(1));
                    missing = Some(name.clone());
                }
                Unsaid::Missing => {}
            }
        }
        (given, Missing(missing))
    }
}

/// A variable that must be given and is not.
pub(crate) struct Missing(Option<Name>);

impl Missing {
    pub(crate) fn check(&self) -> Result<(), ServerError> {
        match &self.0 {
            None => Ok(()),
            Some(name) => Err(refusal(format!("The variable ${name} is missing."), "BAD_USER_INPUT")),
        }
    }
}

const LIMIT: &str = "GRAPHQL_VALIDATION_FAILED";

pub(crate) fn refusal(message: impl Into<String>, code: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    error.extensions = Some(extensions);
    error
}

/// The name of the operation that was chosen, or of the only one.
fn name_of(document: &ExecutableDocument, operation: Option<&str>) -> Option<Name> {
    let asked = operation.filter(|name| !name.is_empty()).map(Name::new);
    asked.or_else(|| document.operations.iter().next().and_then(|(name, _)| name.cloned()))
}

/// The operation that is asked for.
fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, ServerError> {
    const UNRESOLVED: &str = "OPERATION_RESOLUTION_FAILURE";
    match (&document.operations, name) {
        (DocumentOperations::Single(one), None) => Ok(&one.node),
        (DocumentOperations::Multiple(all), Some(name)) => {
            let found = all.get(name).map(|found| &found.node);
            found.ok_or_else(|| refusal("The document has no operation of this name.", UNRESOLVED))
        }
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all
            .values()
            .next()
            .map(|one| &one.node)
            .ok_or_else(|| refusal("The document has no operation.", UNRESOLVED)),
        (DocumentOperations::Multiple(_), None) => {
            Err(refusal("The document has several operations: operationName must say which.", UNRESOLVED))
        }
        (DocumentOperations::Single(_), Some(_)) => {
            Err(refusal("The document has no operation of this name.", UNRESOLVED))
        }
    }
}

/// Fields at the root of an operation, those of its fragments included; a fragment counts once.
fn find_roots<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    seen: &mut HashSet<&'a str>,
    found: &mut Vec<Name>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => found.push(field.node.name.node.clone()),
            Selection::InlineFragment(inline) => find_roots(document, &inline.node.selection_set.node, seen, found),
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                if let Some(fragment) = document.fragments.get(name).filter(|_| seen.insert(name)) {
                    find_roots(document, &fragment.node.selection_set.node, seen, found);
                }
            }
        }
    }
}

/// How deep an operation is. What it asks of the schema itself does not count: that is small, and what tools ask of it is
/// deep.
struct Depth<'a> {
    document: &'a ExecutableDocument,
    /// Fragments measured once, however often they are spread; one that is being measured counts nothing, so that a
    /// circle, which validation will refuse, ends.
    fragments: HashMap<&'a str, usize>,
}

impl<'a> Depth<'a> {
    fn of(&mut self, set: &'a SelectionSet) -> usize {
        let mut deepest = 0;
        for selection in &set.items {
            let depth = match &selection.node {
                Selection::Field(field) if field.node.name.node.starts_with("__") => 1,
                Selection::Field(field) => 1 + self.of(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => self.of(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str()),
            };
            deepest = deepest.max(depth);
        }
        deepest
    }

    fn fragment(&mut self, name: &'a str) -> usize {
        if let Some(known) = self.fragments.get(name) {
            return *known;
        }
        self.fragments.insert(name, 0);
        let document = self.document;
        let depth = document.fragments.get(name).map_or(0, |f| self.of(&f.node.selection_set.node));
        self.fragments.insert(name, depth);
        depth
    }
}

/// Lexical tokens (GraphQL specification, section 2.1.6): names, numbers and strings count one each, so does every
/// punctuator; white space, commas and comments are none. Also the first whole number that Int does not hold.
fn tokens(text: &str) -> (usize, Option<&str>) {
    let bytes = text.as_bytes();
    let at = |n: usize| bytes.get(n).copied();
    let (mut place, mut count, mut beyond) = (0, 0, None);
    while let Some(byte) = at(place) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                place += 1;
                continue;
            }
            b'#' => {
                while at(place).is_some_and(|b| b != b'\n' && b != b'\r') {
                    place += 1;
                }
                continue;
            }
            b'"' => {
                let block = at(place + 1) == Some(b'"') && at(place + 2) == Some(b'"');
                place += if block { 3 } else { 1 };
                loop {
                    match at(place) {
                        None => break,
                        Some(b'\\') => place += 2,
                        Some(b'"') if !block => {
                            place += 1;
                            break;
                        }
                        Some(b'"') if at(place + 1) == Some(b'"') && at(place + 2) == Some(b'"') => {
                            place += 3;
                            break;
                        }
                        Some(_) => place += 1,
                    }
                }
            }
            b'.' => {
                while at(place) == Some(b'.') {
                    place += 1;
                }
            }
            b if b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') => {
                let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'+' | b'-');
                let from = place;
                while at(place).is_some_and(word) {
                    place += 1;
                }
                let number =
                    text.get(from..place).filter(|t| t.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit()));
                beyond = beyond.or(number.filter(|t| t.parse::<i32>().is_err()));
            }
            _ => place += 1,
        }
        count += 1;
    }
    (count, beyond)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { characters: 200, tokens: 30, roots: 3, ..Limits::default() }
    }

    fn read(text: &str, operation: Option<&str>) -> Result<Document, ServerError> {
        Document::of(Arc::new(parse(text, &limits())?), true, operation, &limits())
    }

    fn refused(text: &str, operation: Option<&str>) -> String {
        let error = read(text, operation).err().expect("refused");
        let code = error.extensions.as_ref().and_then(|e| e.get("code")).map(ToString::to_string);
        format!("{} {}", code.unwrap_or_default(), error.message)
    }

    #[test]
    fn tokens_are_counted_as_the_specification_counts_them() {
        for (text, count) in [
            ("", 0),
            ("{ a }", 3),
            ("{a,b  # c d e\n}", 4),
            ("query Q($x: Int! = -1.5e3) { f(x: $x) { ...F } }", 24),
            (r#"{ a(t: "x y \" z", u: """ b "c" """) }"#, 11),
            ("{ \"never closed }", 2),
        ] {
            assert_eq!(tokens(text), (count, None), "{text}");
        }
    }

    #[test]
    fn the_operation_is_found_or_named_as_missing() {
        let read = |text: &str, operation| read(text, operation).ok().map(|d| d.kind == OperationType::Mutation);
        assert_eq!(read("{ a }", None), Some(false));
        assert_eq!(read("mutation M { a }", Some("M")), Some(true));
        assert_eq!(read("query Q { a } mutation M { a }", Some("M")), Some(true));
        assert_eq!(read("query Q { a } mutation M { a }", Some("Q")), Some(false));
        assert!(refused("query Q { a } mutation M { a }", None).contains("OPERATION_RESOLUTION_FAILURE"));
        assert!(refused("{ a }", Some("Q")).contains("OPERATION_RESOLUTION_FAILURE"));
    }

    #[test]
    fn depth_is_counted_through_fragments_and_not_into_the_schema() {
        let depth = |text: &str| {
            let parsed = parse_query(text).expect("a document");
            let operation = chosen(&parsed, None).expect("an operation");
            Depth { document: &parsed, fragments: HashMap::new() }.of(&operation.selection_set.node)
        };
        assert_eq!(depth("{ a }"), 1);
        assert_eq!(depth("{ a { b { c } } d { e } }"), 3);
        assert_eq!(depth("{ a { ...F ... { g } } } fragment F on T { b { c } }"), 3);
        assert_eq!(depth("{ __schema { types { fields { type { ofType { name } } } } } a { b } }"), 2);
        assert_eq!(depth("{ ...F } fragment F on T { a { ...F } }"), 1, "circles end");
        // Each fragment spreads the next one twice: measured once each, or never done.
        let chain: Vec<_> =
            (0..60).map(|n| format!("fragment F{n} on T {{ a {{ ...F{0} ...F{0} }} }} ", n + 1)).collect();
        assert_eq!(depth(&format!("{{ ...F0 }} {} fragment F60 on T {{ b }}", chain.concat())), 61);
        let limits = Limits { depth: 2, ..Limits::default() };
        let parsed = Arc::new(parse("{ a { b { c } } }", &limits).expect("a document"));
        assert!(Document::of(parsed, true, None, &limits).is_err());
    }

    #[test]
    fn numbers_beyond_int_are_refused_wherever_they_stand() {
        assert!(refused("{ a(n: 2147483648) }", None).contains("2147483648 is beyond"));
        assert!(refused("{ a(n: { m: [-2147483649] }) }", None).contains("-2147483649 is beyond"));
        for fine in ["{ a(n: 2147483647) }", "{ a(n: -2147483648) }", "{ a(n: 1.5e30, t: \"9999999999\") }"] {
            assert!(read(fine, None).is_ok(), "{fine}");
        }
    }

    #[test]
    fn a_subscription_has_one_source() {
        assert!(read("subscription { a }", None).is_ok());
        assert!(refused("subscription { a b }", None).contains("2 fields at its root"));
        assert!(refused("subscription { ...F } fragment F on S { a b }", None).contains("2 fields at its root"));
        assert!(refused("subscription { __typename }", None).contains("introspection"));
    }

    #[test]
    fn what_is_too_large_is_not_even_parsed() {
        assert!(refused(&format!("{{ a }} #{}", "x".repeat(300)), None).contains("characters"));
        assert!(refused(&format!("{{ {} }}", "a ".repeat(40)), None).contains("42 tokens"));
        assert!(
            refused("{ a b ...F ... { c } } fragment F on Query { d ...F }", None).contains("4 fields at its root")
        );
    }
}
