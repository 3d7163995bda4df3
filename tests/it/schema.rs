//! The committed schema keeps its conventions, and breaks nothing that the last release promised.

use std::collections::BTreeMap;
use std::fs;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ConstDirective, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Positioned, parser::types::BaseType};
use voxpark_tests::tools::workspace_root;

/// What the last release promised; copied over from `schema.graphql` when one is made.
const RELEASED: &str = "graphql/released.graphql";

type Types = BTreeMap<String, TypeDefinition>;

fn read(sdl: &str) -> Types {
    let ServiceDocument { definitions } = parse_schema(sdl).unwrap();
    let types = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(of) => Some((of.node.name.node.to_string(), of.node)),
        _ => None,
    });
    types.collect()
}

fn committed(path: &str) -> Types {
    read(&fs::read_to_string(workspace_root().join(path)).unwrap())
}

fn fields(of: &TypeDefinition) -> &[Positioned<FieldDefinition>] {
    match &of.kind {
        TypeKind::Object(object) => &object.fields,
        TypeKind::Interface(interface) => &interface.fields,
        _ => &[],
    }
}

fn inputs(of: &TypeDefinition) -> &[Positioned<InputValueDefinition>] {
    match &of.kind {
        TypeKind::InputObject(object) => &object.fields,
        _ => &[],
    }
}

/// Whether whoever reads the old type can read the new one: it may only promise more.
fn readable(old: &Type, new: &Type) -> bool {
    let inner = match (&old.base, &new.base) {
        (BaseType::Named(old), BaseType::Named(new)) => old == new,
        (BaseType::List(old), BaseType::List(new)) => readable(old, new),
        _ => false,
    };
    inner && (old.nullable || !new.nullable)
}

fn deprecated(directives: &[Positioned<ConstDirective>]) -> bool {
    directives.iter().any(|d| d.node.name.node == "deprecated")
}

/// What of the old schema somebody may rely on and the new one does not keep.
fn breaks(old: &Types, new: &Types) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, was) in old {
        let Some(is) = new.get(name) else {
            broken.push(format!("{name} is gone"));
            continue;
        };
        for field in fields(was).iter().map(|f| &f.node) {
            let path = format!("{name}.{}", field.name.node);
            match fields(is).iter().map(|f| &f.node).find(|f| f.name.node == field.name.node) {
                None if deprecated(&field.directives) => {}
                None => broken.push(format!("{path} is gone")),
                Some(now) => {
                    if !readable(&field.ty.node, &now.ty.node) {
                        broken.push(format!("{path} was {} and is {}", field.ty.node, now.ty.node));
                    }
                    given(&path, &field.arguments, &now.arguments, &mut broken);
                }
            }
        }
        given(name, inputs(was), inputs(is), &mut broken);
        let (values, now) = match (&was.kind, &is.kind) {
            (TypeKind::Enum(was), TypeKind::Enum(is)) => (&was.values, &is.values),
            _ => continue,
        };
        for value in values.iter().map(|v| &v.node).filter(|v| !deprecated(&v.directives)) {
            if !now.iter().any(|v| v.node.value.node == value.value.node) {
                broken.push(format!("{name}.{} is gone", value.value.node));
            }
        }
    }
    broken
}

/// Arguments and input fields: what could be given can still be given, and nothing new must be.
fn given(
    path: &str,
    old: &[Positioned<InputValueDefinition>],
    new: &[Positioned<InputValueDefinition>],
    broken: &mut Vec<String>,
) {
    let find = |list: &[Positioned<InputValueDefinition>], name: &str| {
        list.iter().map(|v| &v.node).find(|v| v.name.node == name).map(|v| v.ty.node.clone())
    };
    for was in old.iter().map(|v| &v.node) {
        let name = &was.name.node;
        match find(new, name) {
            None if deprecated(&was.directives) => {}
            None => broken.push(format!("{path} no longer takes {name}")),
            // What is given is read by the service: the other way round.
            Some(is) if !readable(&is, &was.ty.node) => {
                broken.push(format!("{path} took {name}: {} and takes {is}", was.ty.node));
            }
            Some(_) => {}
        }
    }
    for is in new.iter().map(|v| &v.node) {
        let must = !is.ty.node.nullable && is.default_value.is_none();
        if must && find(old, &is.name.node).is_none() {
            broken.push(format!("{path} must be given {}", is.name.node));
        }
    }
}

/// Nothing that a client of the last release may rely on is broken; what is to go is deprecated first.
#[test]
fn the_last_release_is_kept() {
    let broken = breaks(&committed(RELEASED), &committed("graphql/schema.graphql"));
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn what_breaks_is_found() {
    let old = "type T { a: Int b(x: Int, y: Int!): String! c: [T] d: Int @deprecated e: Int }
        input I { p: Int q: Int! } enum E { ONE TWO } type Gone { a: Int }";
    let broken = |new: &str| breaks(&read(old), &read(new));
    assert_eq!(broken(old), Vec::<String>::new());
    let more = "type T { a: Int! b(x: Int, y: Int, z: Int, w: Int! = 1): String! c: [T!]! e: Int f: Int }
        input I { p: Int q: Int r: Int } enum E { ONE TWO THREE } type Gone { a: Int } type New { a: Int }";
    assert_eq!(broken(more), Vec::<String>::new(), "may promise more and ask for less");
    let less = "type T { a: String b(x: Int!, z: Int!): String c: T }
        input I { p: Int! q: Int! r: Int! } enum E { ONE }";
    let expected = [
        "E.TWO is gone",
        "Gone is gone",
        "I took p: Int and takes Int!",
        "I must be given r",
        "T.a was Int and is String",
        "T.b was String! and is String",
        "T.b took x: Int and takes Int!",
        "T.b no longer takes y",
        "T.b must be given z",
        "T.c was [T] and is T",
        "T.e is gone",
    ];
    assert_eq!(broken(less), expected);
}

fn base(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

/// Everything is described, and named and shaped as clients expect it (docs/api-guide.md).
#[test]
fn conventions_are_kept() {
    let types = committed("graphql/schema.graphql");
    let mut wrong = Vec::new();
    for (name, of) in &types {
        let made = name.ends_with("Connection");
        if of.description.is_none() {
            wrong.push(format!("{name} is not described"));
        }
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) || name.contains('_') {
            wrong.push(format!("{name} is no PascalCase"));
        }
        for field in fields(of).iter().map(|f| &f.node) {
            let path = format!("{name}.{}", field.name.node);
            if field.description.is_none() {
                wrong.push(format!("{path} is not described"));
            }
            for argument in field.arguments.iter().map(|a| &a.node) {
                if argument.description.is_none() {
                    wrong.push(format!("{path}({}) is not described", argument.name.node));
                }
            }
            if base(&field.ty.node).ends_with("Connection") && !made {
                let takes = |name: &str| field.arguments.iter().any(|a| a.node.name.node == name);
                if !takes("first") || !takes("after") {
                    wrong.push(format!("{path} is a connection without first and after"));
                }
            }
        }
        for input in inputs(of).iter().map(|i| &i.node) {
            if input.description.is_none() {
                wrong.push(format!("{name}.{} is not described", input.name.node));
            }
        }
        if let TypeKind::Enum(list) = &of.kind {
            for value in list.values.iter().map(|v| &v.node) {
                let text = value.value.node.as_str();
                if value.description.is_none() {
                    wrong.push(format!("{name}.{text} is not described"));
                }
                if !text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') {
                    wrong.push(format!("{name}.{text} is no SCREAMING_CASE"));
                }
            }
        }
    }
    for mutation in fields(&types["Mutation"]).iter().map(|f| &f.node) {
        let (name, result) = (mutation.name.node.as_str(), &mutation.ty.node);
        if !result.nullable {
            wrong.push(format!("Mutation.{name} cannot be null: an error would empty the whole answer"));
        }
        let payload = types.get(base(result));
        let errors = payload.is_some_and(|p| fields(p).iter().any(|f| f.node.name.node == "userErrors"));
        if !base(result).ends_with("Payload") || !errors {
            wrong.push(format!("Mutation.{name} answers no payload with userErrors"));
        }
        let takes = |input: &InputValueDefinition| {
            input.name.node == "input" && base(&input.ty.node).eq_ignore_ascii_case(&format!("{name}Input"))
        };
        if !matches!(mutation.arguments.as_slice(), [input] if takes(&input.node)) {
            wrong.push(format!("Mutation.{name} does not take one input of its own"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
