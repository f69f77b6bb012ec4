//! Where answers lead, in a request.

use crate::{
    api::{
        input::{Parse, Reader, closed, described, input},
        uri::Uri,
        value::{
            text::{Text, string, text},
            words,
        },
    },
    app::routing_forms::documents::Destination,
};
use domain::id::EventTypeId;
use serde_json::{Value, json};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::OneOfBuilder};

/// The address of a page elsewhere.
#[derive(Clone, Debug)]
pub struct PageAddress(String);

impl Parse for PageAddress {
    fn parse(value: &Value, reader: &mut Reader) -> Option<PageAddress> {
        let address = text(value, reader)?;
        let rest = address
            .strip_prefix("https://")
            .or_else(|| address.strip_prefix("http://"));
        let is_plain = |letter: char| letter.is_whitespace() || letter.is_control();
        match rest {
            Some(rest)
                if !rest.is_empty()
                    && !rest.starts_with('/')
                    && address.len() <= 2_000
                    && !address.contains(is_plain) =>
            {
                Some(PageAddress(address.to_owned()))
            }
            _ => reader.problem(
                "invalid_format",
                "must be an address such as https://example.com/contact, of 2000 characters at most",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        string("https://example.com/contact")
            .max_length(Some(2_000))
            .into()
    }
}

words! {
    /// Kinds of places where answers lead.
    pub enum DestinationType {
        /// To a kind of meeting.
        EventType = "event_type",
        /// To a page elsewhere.
        ExternalUrl = "external_url",
        /// To a message.
        CustomMessage = "custom_message",
    }
}

input! {
    /// A message to whoever fills in a form.
    pub struct CustomMessageInput {
        /// What it begins with.
        pub headline: Text<1, 255>,
        /// What it says.
        pub body: Text<0, 10_000>,
    }
}

/// Where answers lead, in a request.
#[derive(Clone, Debug)]
pub struct DestinationInput(pub Destination);

impl Parse for DestinationInput {
    fn parse(value: &Value, reader: &mut Reader) -> Option<DestinationInput> {
        let object = reader.object(value, &["type", "value"])?;
        let destination = match reader.field::<DestinationType>(object, "type")? {
            DestinationType::EventType => {
                let Uri(id) = reader.field::<Uri<EventTypeId>>(object, "value")?;
                Destination::EventType(id.0)
            }
            DestinationType::ExternalUrl => {
                Destination::ExternalUrl(reader.field::<PageAddress>(object, "value")?.0)
            }
            DestinationType::CustomMessage => {
                let message = reader.field::<CustomMessageInput>(object, "value")?;
                Destination::CustomMessage {
                    headline: message.headline.0,
                    body: message.body.0,
                }
            }
        };
        Some(DestinationInput(destination))
    }

    fn schema() -> RefOr<Schema> {
        let value = OneOfBuilder::new()
            .item(string("https://example.com/contact"))
            .item(CustomMessageInput::schema())
            .description(Some(
                "The URI of an event type, an address, or a headline and a body.",
            ));
        let kind = described(DestinationType::schema(), "What kind of place.");
        ObjectBuilder::new()
            .property("type", kind)
            .property("value", value)
            .required("type")
            .required("value")
            .additional_properties(closed())
            .examples([json!({"type": "external_url", "value": "https://example.com/contact"})])
            .into()
    }
}
