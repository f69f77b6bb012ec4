//! The page that says what Calendly's clients find here: it has every operation, and says of none what is not so.

use std::collections::BTreeMap;

use crate::contract::operations;

/// How many operations the page must have of those that Calendly has too.
const CALENDLYS: usize = 82;

/// What Calendly lists among its operations and is a page for people.
const PAGES: [&str; 1] = ["GET /oauth/authorize"];

/// What the page says: method and path of each operation, and its state. A path's placeholders have no names here.
fn rows() -> BTreeMap<String, String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/compatibility.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, tables) = page.split_once("## Every operation").unwrap();
    let mut rows = BTreeMap::new();
    for line in tables.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line
            .trim_matches('|')
            .splitn(3, '|')
            .map(str::trim)
            .collect();
        let [operation, state, _] = cells[..] else {
            panic!("{line} has not three columns")
        };
        let operation = without_names(operation.trim_matches('`'));
        let before = rows.insert(operation, state.to_owned());
        assert_eq!(before, None, "{line} is there twice");
    }
    rows
}

fn without_names(operation: &str) -> String {
    let segments = operation.split('/').map(|segment| {
        if segment.starts_with('{') {
            "{}"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn the_page_has_every_operation_and_no_other() {
    let mut rows = rows();
    for operation in operations() {
        let name = format!("{} {}", operation.method.to_uppercase(), operation.path);
        let state = rows.remove(&without_names(&name));
        assert!(
            state.is_some(),
            "docs/compatibility.md does not say how {name} is"
        );
    }
    for page in PAGES {
        assert!(rows.remove(page).is_some(), "{page}");
    }
    assert!(
        rows.is_empty(),
        "docs/compatibility.md has what is not there: {rows:?}"
    );
}

#[test]
fn every_operation_is_in_one_of_three_states() {
    let rows = rows();
    let of = |state: &str| rows.values().filter(|it| *it == state).count();
    assert_eq!(of("works") + of("differs"), CALENDLYS);
    assert_eq!(
        of("works") + of("differs") + of("added"),
        rows.len(),
        "{rows:?}"
    );
}
