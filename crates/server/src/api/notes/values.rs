//! The values that notes take: text as other clients count it, reminders, several contacts.

use crate::api::{
    input::{Parse, Reader},
    uri::Uri,
    value::{
        text::{format, string, text},
        time::strict_instant,
    },
};
use domain::id::ContactId;
use jiff::Timestamp;
use serde_json::Value;
use store::notes::MAX_CONTACTS;
use utoipa::openapi::{KnownFormat, RefOr, Schema};

/// Text without spaces around it, counted as other clients count it: some emoji are two letters. Nothing, where it is
/// blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trimmed<const MAX: usize>(pub Option<String>);

impl<const MAX: usize> Parse for Trimmed<MAX> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Trimmed<MAX>> {
        let text = text(value, reader)?.trim();
        if MAX < text.encode_utf16().count() {
            let message = format!("must not be longer than {MAX} characters");
            return reader.problem("too_long", message);
        }
        Some(Trimmed((!text.is_empty()).then(|| text.to_owned())))
    }

    fn schema() -> RefOr<Schema> {
        string("text").into()
    }
}

/// When to be reminded: RFC 3339 to the letter, with seconds, from 1970 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminder(pub Timestamp);

impl Parse for Reminder {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Reminder> {
        match strict_instant(text(value, reader)?) {
            Some(at) => Some(Reminder(at)),
            None => reader.problem(
                "invalid_time",
                "must be a time with seconds and its zone such as 2026-03-09T14:00:00Z, from 1970 to 9999",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        format(string("2026-03-09T14:00:00Z"), KnownFormat::DateTime).into()
    }
}

/// The contacts whose notes are wanted: several parameters, or one with commas.
#[derive(Clone, Debug)]
pub struct Contacts(pub Vec<ContactId>);

impl Parse for Contacts {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Contacts> {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut contacts: Vec<ContactId> = Vec::new();
        for value in values {
            for uri in text(value, reader)?.split(',') {
                let Uri(id) = Uri::parse(&Value::from(uri.trim()), reader)?;
                if !contacts.contains(&id) {
                    contacts.push(id);
                }
            }
        }
        match contacts.len() {
            1..=MAX_CONTACTS => Some(Contacts(contacts)),
            0 => reader.problem("too_few", "must name a contact"),
            _ => {
                let message = format!("must not name more than {MAX_CONTACTS} contacts");
                reader.problem("too_many", message)
            }
        }
    }

    fn schema() -> RefOr<Schema> {
        Uri::<ContactId>::schema()
    }
}
