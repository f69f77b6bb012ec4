//! Where personal data may be: everything that can hold text is accounted for.

use std::collections::BTreeSet;

use store::{
    copy::{Kind, tables},
    migrate::MIGRATIONS,
    personal_data::COLUMNS,
};

#[test]
fn every_column_of_text_or_documents_is_accounted_for() {
    let mut stored = BTreeSet::new();
    for table in tables(MIGRATIONS).unwrap() {
        for column in table.columns {
            if matches!(column.kind, Kind::Text | Kind::Json | Kind::Bytes) {
                stored.insert(format!("{}.{}", table.name, column.name));
            }
        }
    }
    let listed = COLUMNS.iter().map(|it| format!("{}.{}", it.0, it.1));
    let listed: Vec<String> = listed.collect();
    let known: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(known.len(), listed.len(), "a column is listed twice");
    let forgotten: Vec<_> = stored.difference(&known).collect();
    assert!(
        forgotten.is_empty(),
        "say in personal_data/columns.rs what these hold: {forgotten:?}"
    );
    let gone: Vec<_> = known.difference(&stored).collect();
    assert!(gone.is_empty(), "these columns are gone: {gone:?}");
}
