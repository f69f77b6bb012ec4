//! Text in requests: free, or of a fixed form.

use crate::api::input::{Parse, Reader};
use serde_json::Value;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

/// Text without NUL, of `MIN` to `MAX` characters; when `MIN` is not 0, not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MIN: usize, const MAX: usize>(pub String);

impl<const MIN: usize, const MAX: usize> Parse for Text<MIN, MAX> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Self> {
        let text = text(value, reader)?;
        let length = text.chars().count();
        if length > MAX {
            return reader.problem(
                "too_long",
                format!("must not be longer than {MAX} characters"),
            );
        }
        if MIN > 0 && text.trim().is_empty() {
            return reader.problem("required", "must be filled");
        }
        if length < MIN {
            return reader.problem("too_short", format!("must have at least {MIN} characters"));
        }
        Some(Text(text.to_owned()))
    }

    fn schema() -> RefOr<Schema> {
        let pattern = if MIN > 0 {
            r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
        } else {
            r"^[^\u0000]*$"
        };
        let object = string("text").pattern(Some(pattern)).max_length(Some(MAX));
        if MIN > 0 {
            object.min_length(Some(MIN)).into()
        } else {
            object.into()
        }
    }
}

/// The text of a value, without NUL, which no database takes.
pub fn text<'v>(value: &'v Value, reader: &mut Reader) -> Option<&'v str> {
    match value.as_str() {
        None => reader.problem("wrong_type", "must be a string"),
        Some(text) if text.contains('\0') => {
            reader.problem("invalid_text", "must not contain the NUL character")
        }
        Some(text) => Some(text),
    }
}

/// The schema of text like the example.
pub fn string(example: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .examples([example])
}

/// A mail address: something on both sides of one `@`, without spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(pub String);

impl Parse for Email {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Email> {
        let address = text(value, reader)?;
        if !is_mail_address(address) {
            return reader.problem(
                "invalid_email",
                "must be a mail address such as ada@example.com",
            );
        }
        Some(Email(address.to_owned()))
    }

    fn schema() -> RefOr<Schema> {
        format(string("ada@example.com"), KnownFormat::Email)
            .max_length(Some(254))
            .into()
    }
}

/// Whether text is a mail address.
pub fn is_mail_address(text: &str) -> bool {
    let well_formed = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
    });
    well_formed && text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Text of a fixed form, such as a colour or a slug.
macro_rules! patterned {
    ($(#[doc = $doc:literal])* $name:ident, $pattern:literal, $example:literal, $check:expr) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        impl Parse for $name {
            fn parse(value: &Value, reader: &mut Reader) -> Option<$name> {
                let text = text(value, reader)?;
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Some($name(text.to_owned()))
                } else {
                    reader.problem("invalid_format", concat!("must look like ", $example))
                }
            }

            fn schema() -> RefOr<Schema> {
                string($example).pattern(Some($pattern)).into()
            }
        }
    };
}

patterned!(
    /// A colour, `#rrggbb` in lower case.
    Color,
    r"^#[a-f0-9]{6}$",
    "#0069ff",
    |text| text.len() == 7
        && text.starts_with('#')
        && text[1..].bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
);

patterned!(
    /// A segment of a booking page's address: lower-case letters, digits and inner dashes, at most 60.
    Slug,
    r"^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$",
    "intro-call",
    |text| (1..=60).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
);

patterned!(
    /// A phone number in international form.
    Phone,
    r"^\+[0-9][0-9 ().-]{4,30}$",
    "+14155551234",
    is_phone_number
);

/// Whether text is a phone number in international form.
pub fn is_phone_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else {
        return false;
    };
    (5..=31).contains(&digits.len())
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b" ().-".contains(&byte))
}
patterned!(
    /// A country: its ISO 3166-1 code of two letters.
    Country,
    r"^[A-Za-z]{2}$",
    "DE",
    |text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
);

patterned!(
    /// A currency: its ISO 4217 code of three letters.
    Currency,
    r"^[A-Za-z]{3}$",
    "EUR",
    |text| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
);

patterned!(
    /// The address of a web page.
    WebAddress,
    r"^https?://[!-~]+$",
    "https://www.example.com/ada",
    |text| text.len() <= 2_000
        && ["https://", "http://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
        && text.bytes().all(|byte| byte.is_ascii_graphic())
);

/// The schema of text in a known format.
pub fn format(object: ObjectBuilder, format: KnownFormat) -> ObjectBuilder {
    object.format(Some(SchemaFormat::KnownFormat(format)))
}
