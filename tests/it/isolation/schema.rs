//! The schema as the API tells it, and documents made from it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use voxpark_tests::app::World;

const INTROSPECTION: &str = "{ __schema { queryType { name } mutationType { name } types { kind name
  fields(includeDeprecated: true) { name args { name type { ...T } defaultValue } type { ...T } }
  inputFields { name type { ...T } defaultValue } enumValues { name } possibleTypes { name } } } }
  fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A type where it is used: its name and how it is wrapped.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) list: bool,
}

fn used(value: &Value) -> Use {
    let (mut at, mut required, mut list, mut outermost) = (value, false, false, true);
    loop {
        match at["kind"].as_str() {
            Some("NON_NULL") => required |= outermost,
            Some("LIST") => list = true,
            _ => return Use { name: at["name"].as_str().unwrap_or_default().to_owned(), required, list },
        }
        outermost = false;
        at = &at["ofType"];
    }
}

/// A field or argument.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) of: Use,
    pub(crate) args: Vec<Member>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Type {
    pub(crate) kind: String,
    pub(crate) fields: Vec<Member>,
    pub(crate) inputs: Vec<Member>,
    pub(crate) values: Vec<String>,
    pub(crate) possible: Vec<String>,
}

/// Every type of the schema.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) types: BTreeMap<String, Type>,
}

fn members(list: &Value) -> Vec<Member> {
    let of = |m: &Value| Member {
        name: m["name"].as_str().unwrap_or_default().to_owned(),
        of: used(&m["type"]),
        args: members(&m["args"]),
    };
    list.as_array().map(|l| l.iter().map(of).collect()).unwrap_or_default()
}

fn names(list: &Value) -> Vec<String> {
    list.as_array()
        .map(|l| l.iter().filter_map(|v| v["name"].as_str().map(str::to_owned)).collect())
        .unwrap_or_default()
}

impl Schema {
    pub(crate) async fn read(world: &World) -> Self {
        let answer = world.ok("park", INTROSPECTION, json!({})).await;
        let list = answer["__schema"]["types"].as_array().cloned().unwrap_or_default();
        let types = list.iter().filter_map(|t| {
            let name = t["name"].as_str().filter(|n| !n.starts_with("__"))?;
            let of = Type {
                kind: t["kind"].as_str().unwrap_or_default().to_owned(),
                fields: members(&t["fields"]),
                inputs: members(&t["inputFields"]),
                values: names(&t["enumValues"]),
                possible: names(&t["possibleTypes"]),
            };
            Some((name.to_owned(), of))
        });
        Self { types: types.collect() }
    }

    pub(crate) fn get(&self, name: &str) -> &Type {
        self.types.get(name).unwrap_or_else(|| panic!("no type {name}"))
    }

    fn is_leaf(&self, name: &str) -> bool {
        matches!(self.get(name).kind.as_str(), "SCALAR" | "ENUM")
    }

    /// The arguments of a field as text; `None` when one that is required has no value in `value`.
    fn arguments(&self, owner: &str, field: &Member, value: &dyn Fn(&str, &Member) -> Option<Value>) -> Option<String> {
        let mut parts = Vec::new();
        for arg in &field.args {
            match value(&format!("{owner}.{}", field.name), arg) {
                Some(v) => parts.push(format!("{}: {}", arg.name, self.literal(&arg.of, &v))),
                None if arg.of.required => return None,
                None => {}
            }
        }
        Some(if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) })
    }

    /// A value as GraphQL text (enum values bare, object keys bare).
    pub(crate) fn literal(&self, of: &Use, value: &Value) -> String {
        match value {
            Value::Array(items) => {
                let inner = Use { list: false, ..of.clone() };
                format!("[{}]", items.iter().map(|v| self.literal(&inner, v)).collect::<Vec<_>>().join(", "))
            }
            Value::Object(map) => {
                let inputs = &self.get(&of.name).inputs;
                let part = |(k, v): (&String, &Value)| {
                    let member =
                        inputs.iter().find(|m| m.name == *k).unwrap_or_else(|| panic!("{} has no {k}", of.name));
                    format!("{k}: {}", self.literal(&member.of, v))
                };
                format!("{{{}}}", map.iter().map(part).collect::<Vec<_>>().join(", "))
            }
            Value::String(text) if self.get(&of.name).kind == "ENUM" => text.clone(),
            other => other.to_string(),
        }
    }

    /// Everything that can be selected of a type, down to a depth; a type is not entered twice on one path.
    pub(crate) fn selection(
        &self,
        name: &str,
        path: &mut Vec<String>,
        depth: usize,
        value: &dyn Fn(&str, &Member) -> Option<Value>,
        missing: &mut BTreeSet<String>,
    ) -> String {
        let of = self.get(name);
        if of.kind == "INTERFACE" || of.kind == "UNION" {
            let mut parts = vec!["__typename".to_owned()];
            for possible in &of.possible {
                let inner = self.selection(possible, path, depth, value, missing);
                parts.push(format!("... on {possible} {{ {inner} }}"));
            }
            return parts.join(" ");
        }
        path.push(name.to_owned());
        let mut parts = vec!["__typename".to_owned()];
        for field in &of.fields {
            let leaf = self.is_leaf(&field.of.name);
            if !leaf && (depth == 0 || path.contains(&field.of.name)) {
                continue;
            }
            let Some(args) = self.arguments(name, field, value) else {
                missing.insert(format!("{name}.{}", field.name));
                continue;
            };
            // Fields of one name and different types in one selection would clash between fragments.
            let alias = format!("{}_{}: ", name, field.name);
            if leaf {
                parts.push(format!("{alias}{}{args}", field.name));
            } else {
                let inner = self.selection(&field.of.name, path, depth - 1, value, missing);
                parts.push(format!("{alias}{}{args} {{ {inner} }}", field.name));
            }
        }
        path.pop();
        parts.join(" ")
    }

    /// One document a root field and first-level child, so that none grows beyond what can be run.
    pub(crate) fn queries(
        &self,
        depth: usize,
        value: &dyn Fn(&str, &Member) -> Option<Value>,
        missing: &mut BTreeSet<String>,
    ) -> Vec<(String, String)> {
        let mut documents = Vec::new();
        let roots = [("Query", "query"), ("Subscription", "subscription")];
        for (kind, word, root) in roots.iter().flat_map(|(k, w)| self.get(k).fields.iter().map(move |f| (*k, *w, f))) {
            let Some(args) = self.arguments(kind, root, value) else {
                missing.insert(format!("{kind}.{}", root.name));
                continue;
            };
            let of = self.get(&root.of.name);
            if self.is_leaf(&root.of.name) {
                documents.push((root.name.clone(), format!("{word} {{ {}{args} }}", root.name)));
            } else if of.kind == "OBJECT" {
                for child in &of.fields {
                    let Some(child_args) = self.arguments(&root.of.name, child, value) else {
                        missing.insert(format!("{}.{}", root.of.name, child.name));
                        continue;
                    };
                    let inner = if self.is_leaf(&child.of.name) {
                        String::new()
                    } else {
                        let mut path = vec![kind.to_owned(), root.of.name.clone()];
                        format!("{{ {} }}", self.selection(&child.of.name, &mut path, depth, value, missing))
                    };
                    let label = format!("{}.{}", root.name, child.name);
                    let text = format!(
                        "{word} {{ {}{args} {{ {}_{}: {}{child_args} {inner} }} }}",
                        root.name, root.of.name, child.name, child.name
                    );
                    documents.push((label, text));
                }
            } else {
                let mut path = vec![kind.to_owned()];
                let inner = self.selection(&root.of.name, &mut path, 1, value, missing);
                documents.push((root.name.clone(), format!("{word} {{ {}{args} {{ {inner} }} }}", root.name)));
            }
        }
        documents
    }

    /// One document for every way down to an object, so deep, with the leaves of that object. Of a connection the nodes
    /// stand for the edges; a type is not entered twice on one way, and of ways with the same last steps one stands for
    /// all, since a field does not know how its object was reached.
    pub(crate) fn ways(&self, depth: usize, value: &dyn Fn(&str, &Member) -> Option<Value>) -> Vec<(String, String)> {
        let mut documents = Vec::new();
        let mut way = vec![("Query".to_owned(), String::new(), String::new())];
        self.further(&mut way, depth, value, &mut BTreeSet::new(), &mut documents);
        documents
    }

    /// `way` holds type, field and field with arguments of every step.
    fn further(
        &self,
        way: &mut Vec<(String, String, String)>,
        depth: usize,
        value: &dyn Fn(&str, &Member) -> Option<Value>,
        seen: &mut BTreeSet<Vec<(String, String)>>,
        documents: &mut Vec<(String, String)>,
    ) {
        let Some((name, ..)) = way.last().cloned() else { return };
        let of = self.get(&name);
        let last = way.iter().rev().take(4).map(|step| (step.0.clone(), step.1.clone())).collect();
        if way.len() > 1 && seen.insert(last) {
            let leaf = |field: &Member| {
                self.is_leaf(&field.of.name)
                    .then(|| self.arguments(&name, field, value).map(|args| format!("{}{args}", field.name)))
                    .flatten()
            };
            let leaves: Vec<String> = of.fields.iter().filter_map(leaf).collect();
            let steps = way.iter().skip(1);
            let label: Vec<&str> = steps.clone().map(|step| step.1.as_str()).collect();
            let inner = format!("__typename {}", leaves.join(" "));
            let text = steps.rev().fold(inner, |inner, step| format!("{} {{ {inner} }}", step.2));
            documents.push((label.join("."), format!("{{ {text} }}")));
        }
        if way.len() > depth {
            return;
        }
        let connection = name.ends_with("Connection");
        for field in &of.fields {
            let to = &field.of.name;
            let known = way.iter().any(|step| step.0 == *to);
            if known || self.get(to).kind != "OBJECT" || connection && field.name != "nodes" {
                continue;
            }
            if let Some(args) = self.arguments(&name, field, value) {
                way.push((to.clone(), field.name.clone(), format!("{}{args}", field.name)));
                self.further(way, depth, value, seen, documents);
                way.pop();
            }
        }
    }
}
