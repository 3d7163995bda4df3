//! The sources of this crate, looked through: no binary fractions, no other rounding than the one of `domain`.

use std::fs;
use std::path::Path;

fn look(folder: &Path, forbidden: &[String], found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            look(&entry, forbidden, found);
        } else if entry.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&entry).expect("a text");
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                if let Some(what) = forbidden.iter().find(|what| line.contains(what.as_str())) {
                    found.push(format!("{}:{}: {what}", entry.display(), number + 1));
                }
            }
        }
    }
}

#[test]
fn amounts_are_exact_and_rounded_in_one_way() {
    // Put together here, so that this file does not hold what it looks for.
    let forbidden =
        [("f", "32"), ("f", "64"), ("round", "_dp"), (".round", "("), ("MidpointNearest", "Even"), ("Banker", "s")]
            .map(|(a, b)| format!("{a}{b}"));
    let mut found = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &forbidden, &mut found);
    assert!(found.is_empty(), "exact numbers only, rounded by `Ratio::rounded`:\n{}", found.join("\n"));
}
