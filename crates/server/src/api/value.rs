//! The single values that requests carry: each type reads, checks and documents itself.

use super::input::{Parse, Reader};
use domain::civil::{self, TimeOfDay};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
        schema::{ArrayBuilder, SchemaType, Type},
    },
};

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

fn string(example: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .examples([example])
}

fn format(object: ObjectBuilder, format: KnownFormat) -> ObjectBuilder {
    object.format(Some(SchemaFormat::KnownFormat(format)))
}

/// A mail address: something on both sides of one `@`, without spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(pub String);

impl Parse for Email {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Email> {
        let address = text(value, reader)?;
        let well_formed = address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !domain.starts_with('.')
        });
        if !well_formed
            || address.len() > 254
            || address.chars().any(|c| c.is_whitespace() || c.is_control())
        {
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

/// An IANA time zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(pub TimeZone);

impl Zone {
    /// The zone's IANA name.
    pub fn name(&self) -> &str {
        civil::zone_name(&self.0)
    }
}

impl Parse for Zone {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Zone> {
        match civil::zone(text(value, reader)?) {
            Some(zone) => Some(Zone(zone)),
            None => reader.problem(
                "unknown_zone",
                "must be an IANA time zone such as Europe/Berlin",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        string("Europe/Berlin").into()
    }
}

/// An instant: read from RFC 3339 with `Z` or an offset, written in UTC with six digits of fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

impl Parse for Time {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Time> {
        let text = text(value, reader)?;
        let instant = instant(text).or_else(|| instant(&text.replacen(' ', "+", 1)));
        match instant {
            Some(instant) => Some(Time(instant)),
            None => reader.problem(
                "invalid_time",
                "must be a time with its zone such as 2026-03-09T14:00:00Z, from 1970 to 2100",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        format(string("2026-03-09T14:00:00.000000Z"), KnownFormat::DateTime).into()
    }
}

// a `+` that was not percent-encoded in a query arrives as a space, which is why a space is tried as one
fn instant(text: &str) -> Option<Timestamp> {
    let dated = text
        .get(..10)?
        .bytes()
        .enumerate()
        .all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !dated || text.contains('[') || text.len() > 40 {
        return None;
    }
    let instant: Timestamp = text.parse().ok()?;
    let instant = Timestamp::from_microsecond(instant.as_microsecond()).ok()?;
    (FIRST..END)
        .contains(&instant.as_second())
        .then_some(instant)
}

/// 1970-01-01 and 2101-01-01 as seconds: no other instants come in.
const FIRST: i64 = 0;
const END: i64 = 4_133_980_800;

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.6}", self.0))
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        <Time as Parse>::schema()
    }
}

impl ToSchema for Time {}

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

impl Parse for Day {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Day> {
        match date(text(value, reader)?) {
            Some(date) => Some(Day(date)),
            None => reader.problem(
                "invalid_date",
                "must be a date such as 2026-03-09, from 1970 to 2100",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        format(string("2026-03-09"), KnownFormat::Date).into()
    }
}

/// The date of `YYYY-MM-DD`, from 1970 to 2100.
pub fn date(text: &str) -> Option<Date> {
    let date: Date = (text.len() == 10).then(|| text.parse().ok())??;
    (1970..=2100).contains(&date.year()).then_some(date)
}

/// A wall time `HH:MM`, up to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourMinute(pub TimeOfDay);

impl Parse for HourMinute {
    fn parse(value: &Value, reader: &mut Reader) -> Option<HourMinute> {
        match TimeOfDay::parse(text(value, reader)?) {
            Some(time) => Some(HourMinute(time)),
            None => reader.problem(
                "invalid_wall_time",
                "must be a wall time from 00:00 to 24:00 such as 09:30",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        string("09:00")
            .pattern(Some("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))
            .into()
    }
}

/// A whole number from `MIN` to `MAX`, which may come as `10`, `10.0` or `"10"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int<const MIN: u32, const MAX: u32>(pub u32);

impl<const MIN: u32, const MAX: u32> Parse for Int<MIN, MAX> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Self> {
        let Some(number) = whole(value) else {
            return reader.problem("wrong_type", "must be a whole number");
        };
        match u32::try_from(number) {
            Ok(number) if (MIN..=MAX).contains(&number) => Some(Int(number)),
            _ => reader.problem("out_of_range", format!("must be from {MIN} to {MAX}")),
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(MIN))
            .maximum(Some(MAX))
            .into()
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole_float(number.as_f64()?)),
        Value::String(text) => text
            .parse()
            .ok()
            .or_else(|| whole_float(text.parse().ok()?)),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "whole and within the bounds of exact integers"
)]
fn whole_float(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

impl Parse for bool {
    fn parse(value: &Value, reader: &mut Reader) -> Option<bool> {
        match value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if reader.is_text() => match text.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => reader.problem("wrong_type", "must be true or false"),
            },
            _ => reader.problem("wrong_type", "must be true or false"),
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

/// What may be left out; `null` is the same.
impl<T: Parse> Parse for Option<T> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Option<T>> {
        T::parse(value, reader).map(Some)
    }

    fn absent(_: &mut Reader) -> Option<Option<T>> {
        Some(None)
    }

    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

/// What becomes of a field when something is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// Not sent: stays.
    Keep,
    /// Sent as `null`: is emptied.
    Clear,
    /// Gets a new value.
    Set(T),
}

impl<T> Change<T> {
    /// The field after the change.
    pub fn of<U>(self, field: Option<U>, convert: impl FnOnce(T) -> U) -> Option<U> {
        match self {
            Change::Keep => field,
            Change::Clear => None,
            Change::Set(value) => Some(convert(value)),
        }
    }
}

impl<T: Parse> Parse for Change<T> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Change<T>> {
        match value {
            Value::Null => Some(Change::Clear),
            value => T::parse(value, reader).map(Change::Set),
        }
    }

    fn absent(_: &mut Reader) -> Option<Change<T>> {
        Some(Change::Keep)
    }

    const NULLABLE: bool = true;

    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        nullable(T::schema())
    }
}

fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Type(kind) = object.schema_type {
                object.schema_type = SchemaType::from_iter([kind, Type::Null]);
            }
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
            RefOr::T(Schema::Array(array))
        }
        other => other,
    }
}

/// A list of `MIN` to `MAX` items. In text, one item may stand without a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize>(pub Vec<T>);

impl<T: Parse, const MIN: usize, const MAX: usize> Parse for List<T, MIN, MAX> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Self> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::String(_) if reader.is_text() => std::slice::from_ref(value),
            _ => return reader.problem("wrong_type", "must be a list"),
        };
        if items.len() > MAX {
            return reader.problem("too_many", format!("must not have more than {MAX} items"));
        }
        if items.len() < MIN {
            return reader.problem("too_few", format!("must have at least {MIN} items"));
        }
        let mut list = Some(Vec::with_capacity(items.len()));
        for (index, item) in items.iter().enumerate() {
            let item = reader.item(index, item);
            list = list.zip(item).map(|(mut list, item)| {
                list.push(item);
                list
            });
        }
        list.map(List)
    }

    fn schema() -> RefOr<Schema> {
        let array = ArrayBuilder::new().items(T::schema()).max_items(Some(MAX));
        let array = if MIN > 0 {
            array.min_items(Some(MIN))
        } else {
            array
        };
        RefOr::T(Schema::Array(array.build()))
    }
}

/// Declares an enumeration by its words: read, written and documented alike.
macro_rules! words {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident { $( $(#[doc = $variant_doc:literal])* $variant:ident = $word:literal, )* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name { $( $(#[doc = $variant_doc])* #[serde(rename = $word)] $variant, )* }

        impl $name {
            /// The word in requests and answers.
            pub fn word(self) -> &'static str {
                match self { $( $name::$variant => $word, )* }
            }
        }

        impl $crate::api::input::Parse for $name {
            fn parse(value: &serde_json::Value, reader: &mut $crate::api::input::Reader) -> Option<$name> {
                match $crate::api::value::text(value, reader)? {
                    $( $word => Some($name::$variant), )*
                    _ => reader.problem("unknown_value", concat!("must be one of", $(" ", $word),*)),
                }
            }

            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),*]))
                    .into()
            }
        }
    };
}
pub(crate) use words;

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
    |text| text.len() >= 6
        && text.len() <= 32
        && text.starts_with('+')
        && text.as_bytes()[1].is_ascii_digit()
        && text[1..].bytes().all(|byte| byte.is_ascii_digit() || b" ().-".contains(&byte))
);
