//! The plan of the house, checked: who may import whom, which room may name which library, what no file may hold.
//!
//! The table is the one of `docs/architecture.md`. Rooms are folders with a `Cargo.toml`; one without a row fails here,
//! so that whoever adds a room decides its place.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use voxpark_tests::tools::workspace_root;

/// Room -> the rooms it may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("billing", &["domain"]),
    ("billing/stripe", &["domain", "billing"]),
    ("migrations", &[]),
    ("infra", &["domain", "billing", "migrations", "infra/documents"]),
    ("infra/documents", &[]),
    ("graphql", &["domain", "billing"]),
    ("console", &["graphql"]),
    ("api", &["domain", "billing", "billing/stripe", "migrations", "infra", "graphql", "console"]),
];

/// Rooms that hold the product to its word and therefore may import all of it.
const OBSERVERS: &[&str] = &["tests", "bench"];

/// Library -> the only rooms that may name it (observers aside).
const NAMED_ONLY_IN: &[(&str, &[&str])] = &[
    ("sea-orm", &["infra", "migrations"]),
    ("sea-orm-migration", &["infra", "migrations"]),
    ("sqlx", &["infra", "migrations"]),
    ("async-graphql", &["graphql"]),
    ("axum", &["api", "console"]),
    ("async-stripe", &["billing/stripe"]),
    ("tokio", &["api", "console", "graphql", "infra", "billing/stripe"]),
    ("rand", &["api", "infra"]),
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(workspace_root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo describes the workspace")
}

/// The room of a package: its folder, from the root.
fn room(metadata: &Metadata, package: &Package) -> String {
    let folder = package.manifest_path.parent().expect("a manifest is in a folder");
    folder.strip_prefix(&metadata.workspace_root).expect("a room is in the workspace").to_string()
}

fn rooms(metadata: &Metadata) -> impl Iterator<Item = (String, &Package)> {
    metadata
        .workspace_packages()
        .into_iter()
        .map(|p| (room(metadata, p), p))
        .filter(|(r, _)| !OBSERVERS.contains(&r.as_str()))
}

#[test]
fn rooms_import_only_what_the_plan_says() {
    let metadata = metadata();
    let mut broken = Vec::new();
    for (room_name, package) in rooms(&metadata) {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == room_name) else {
            broken.push(format!("{room_name} has no row in the plan"));
            continue;
        };
        for dependency in &package.dependencies {
            let Some(path) = &dependency.path else { continue };
            let target =
                path.strip_prefix(&metadata.workspace_root).expect("our crates are in the workspace").to_string();
            if !allowed.contains(&target.as_str()) {
                broken.push(format!("{room_name} imports {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "not in the plan of docs/architecture.md:\n{}", broken.join("\n"));
}

#[test]
fn libraries_are_named_only_in_their_rooms() {
    let metadata = metadata();
    let mut broken = Vec::new();
    for (room_name, package) in rooms(&metadata) {
        for (library, allowed) in NAMED_ONLY_IN.iter().filter(|(_, allowed)| !allowed.contains(&room_name.as_str())) {
            // Some come in pieces: async-stripe-core, async-graphql-value.
            let piece = format!("{library}-");
            let names = |name: &str| name == *library || (name.starts_with(&piece) && !is_listed(name));
            if let Some(d) = package.dependencies.iter().find(|d| names(&d.name)) {
                broken.push(format!("{room_name}/Cargo.toml names {} (only {allowed:?} may)", d.name));
            }
            // Also not through the back door of a re-export.
            let path = format!("{}::", library.replace('-', "_"));
            for file in files().into_iter().filter(|f| is_source_of(f, &room_name, &metadata)) {
                if code(&file).lines().any(|line| mentions(line, &path)) {
                    broken.push(format!("{} names {library} (only {allowed:?} may)", shown(&file)));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn is_listed(library: &str) -> bool {
    NAMED_ONLY_IN.iter().any(|(name, _)| *name == library)
}

/// Whether a line of code (not of comment) uses the path.
fn mentions(line: &str, path: &str) -> bool {
    let line = line.split("//").next().unwrap_or_default();
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Whether a file is Rust code of this room, not of a room inside it.
fn is_source_of(file: &Path, room_name: &str, metadata: &Metadata) -> bool {
    let root = workspace_root();
    let inner = |r: &str| r.len() > room_name.len() && r.starts_with(room_name) && file.starts_with(root.join(r));
    file.extension().is_some_and(|e| e == "rs")
        && file.starts_with(root.join(room_name))
        && !metadata.workspace_packages().iter().any(|p| inner(&room(metadata, p)))
}

#[test]
fn nothing_is_promised_or_silenced() {
    // Put together here, so that this file does not hold what it looks for.
    let forbidden = [("todo", "!("), ("unimplemented", "!("), ("#[", "ignore"), ("#[", "allow("), ("#![", "allow(")]
        .map(|(a, b)| format!("{a}{b}"));
    let broken = offences(|file| file.extension().is_some_and(|e| e == "rs"), &forbidden);
    assert!(broken.is_empty(), "finish it, or `#[expect(lint, reason = \"...\")]`:\n{}", broken.join("\n"));
}

#[test]
fn no_file_names_a_machine() {
    let forbidden = [["/wo", "rk/"].concat(), ["/fa", "rm/"].concat()];
    let broken = offences(|file| file.file_name().is_some_and(|name| name != "Cargo.lock"), &forbidden);
    assert!(broken.is_empty(), "paths of one machine mean nothing on another:\n{}", broken.join("\n"));
}

/// `file:line: what` for each line that holds something forbidden.
fn offences(concerns: impl Fn(&Path) -> bool, forbidden: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files().into_iter().filter(|f| concerns(f)) {
        for (number, line) in code(&file).lines().enumerate() {
            if let Some(what) = forbidden.iter().find(|what| line.contains(what.as_str())) {
                found.push(format!("{}:{}: {what}", shown(&file), number + 1));
            }
        }
    }
    found
}

/// The text of a file; nothing for one that is not text.
fn code(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

fn shown(file: &Path) -> String {
    file.strip_prefix(workspace_root()).unwrap_or(file).display().to_string()
}

/// Every file of the project: what is in the checkout but for what is built, kept or configured locally.
fn files() -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![workspace_root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the checkout").map(|e| e.expect("an entry")) {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let at_root = folder == workspace_root();
            let local =
                name.starts_with('.') && name != ".ci" || at_root && (name.starts_with("target") || name == "data");
            if local {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() => {
                    found.insert(path);
                }
                _ => {}
            }
        }
    }
    found
}
