//! What is shown of an event type.

use crate::api::{
    event_types::{
        fields::{BookingWindowBody, LimitBody},
        hosts::HostBody,
    },
    uri::Uris,
    value::time::Time,
};
use crate::app::event_types::{CustomQuestion, LocationConfiguration, hosting::Hosted};
use serde::Serialize;
use store::event_types::{EventType, Kind, Pooling};
use utoipa::ToSchema;

/// A kind of meeting on offer.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields are those of Calendly's resource"
)]
pub struct EventTypeBody {
    /// The event type's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// What invitees see.
    #[schema(example = "Intro call")]
    pub name: String,
    /// Whether it can be booked.
    pub active: bool,
    /// Second segment of the booking page.
    #[schema(example = "intro-call")]
    pub slug: String,
    /// Address of the booking page.
    #[schema(format = "uri")]
    pub scheduling_url: String,
    /// Minutes.
    #[schema(minimum = 1, maximum = 720)]
    pub duration: i64,
    /// Durations that invitees may choose from, in minutes.
    #[schema(required = true)]
    pub duration_options: Option<Vec<u32>>,
    /// `solo`: one invitee a meeting; `group`: several.
    pub kind: String,
    /// Kind and `pooling_type` in words: `One-on-One`, `Group`, `Round Robin` or `Collective`.
    #[schema(example = "One-on-One")]
    pub kind_description: String,
    /// How the hosts share the meetings: `collective`, `round_robin` or `multi_pool`; null: the owner hosts all.
    #[schema(required = true)]
    pub pooling_type: Option<String>,
    /// `StandardEventType`, or `AdhocEventType` of one that was made for one occasion.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Always `instant`.
    pub booking_method: String,
    /// `#rrggbb`.
    pub color: String,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// When it was deleted.
    #[schema(required = true)]
    pub deleted_at: Option<Time>,
    /// What the host reads.
    #[schema(required = true)]
    pub internal_note: Option<String>,
    /// What invitees read, as plain text.
    #[schema(required = true)]
    pub description_plain: Option<String>,
    /// What invitees read, as HTML.
    #[schema(required = true)]
    pub description_html: Option<String>,
    /// Whose it is.
    pub profile: ProfileBody,
    /// Whether it is left out of the landing page.
    pub secret: bool,
    /// Questions to the invitee.
    #[schema(value_type = Vec<CustomQuestion>)]
    pub custom_questions: serde_json::Value,
    /// Always false.
    pub admin_managed: bool,
    /// Where it can take place.
    #[schema(required = true, value_type = Option<Vec<LocationConfiguration>>)]
    pub locations: Option<serde_json::Value>,
    /// Display order.
    pub position: i64,
    /// Always false.
    pub is_paid: bool,
    /// Language.
    pub locale: String,
    /// Minutes between starts on offer; null of one that was made for one occasion.
    #[schema(required = true)]
    pub start_time_increment: Option<i64>,
    /// Minutes kept free before a meeting.
    pub before_buffer: i64,
    /// Minutes kept free after a meeting.
    pub after_buffer: i64,
    /// Minutes by which it must be booked ahead.
    pub minimum_notice: i64,
    /// How far ahead it can be booked.
    pub booking_window: BookingWindowBody,
    /// How much of it can be booked.
    pub limits: Vec<LimitBody>,
    /// The schedule it goes by; null: the host's default one.
    #[schema(required = true, format = "uri")]
    pub availability_schedule: Option<String>,
    /// How many invitees one meeting takes.
    #[schema(minimum = 1, maximum = 1000)]
    pub capacity: i64,
    /// Whether a host must confirm each meeting.
    pub requires_confirmation: bool,
    /// Minutes after which a meeting that nobody has confirmed ends.
    #[schema(required = true)]
    pub confirmation_minutes: Option<i64>,
    /// Who hosts it; the owner where there is no `pooling_type`.
    pub hosts: Vec<HostBody>,
}

/// Whose event type it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileBody {
    /// Always `User`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The owner's name.
    pub name: String,
    /// The owner's URI.
    #[schema(format = "uri")]
    pub owner: String,
}

impl EventTypeBody {
    /// What is shown of an event type and its people.
    pub fn new(hosted: Hosted, uris: &Uris) -> EventTypeBody {
        let (event_type, owner) = (hosted.event_type, hosted.owner);
        let is_one_off = event_type.code.is_some();
        EventTypeBody {
            uri: uris.of(event_type.id),
            scheduling_url: booking_page(&event_type, &owner.slug, uris),
            name: event_type.name,
            active: event_type.active,
            slug: event_type.slug,
            duration: event_type.rules.duration,
            duration_options: event_type.duration_options,
            kind: event_type.kind.as_str().to_owned(),
            kind_description: kind_description(event_type.kind, event_type.pooling).to_owned(),
            pooling_type: event_type.pooling.map(|it| it.as_str().to_owned()),
            resource_type: if is_one_off {
                "AdhocEventType".to_owned()
            } else {
                "StandardEventType".to_owned()
            },
            booking_method: "instant".to_owned(),
            color: event_type.color,
            created_at: Time(event_type.created_at),
            updated_at: Time(event_type.updated_at),
            deleted_at: event_type.deleted_at.map(Time),
            internal_note: event_type.internal_note,
            description_html: event_type.description.as_deref().map(paragraphs),
            description_plain: event_type.description,
            profile: ProfileBody {
                kind: "User".to_owned(),
                name: owner.name,
                owner: uris.of(owner.id),
            },
            secret: event_type.secret,
            custom_questions: event_type.custom_questions,
            admin_managed: false,
            locations: event_type.locations,
            position: event_type.position,
            is_paid: false,
            locale: event_type.locale,
            start_time_increment: (!is_one_off).then_some(event_type.rules.increment),
            before_buffer: event_type.rules.before_buffer,
            after_buffer: event_type.rules.after_buffer,
            minimum_notice: event_type.rules.minimum_notice,
            booking_window: BookingWindowBody::new(&event_type.rules.window),
            limits: event_type.rules.limits.iter().map(LimitBody::new).collect(),
            availability_schedule: event_type.schedule_id.map(|id| uris.of(id)),
            capacity: event_type.rules.capacity,
            requires_confirmation: event_type.confirmation_minutes.is_some(),
            confirmation_minutes: event_type.confirmation_minutes,
            hosts: (hosted.hosts.into_iter())
                .map(|host| HostBody::new(host, uris))
                .collect(),
        }
    }
}

/// The address of the booking page of an event type whose owner has this slug.
pub fn booking_page(event_type: &EventType, owner: &str, uris: &Uris) -> String {
    let first = event_type.code.as_ref().map(|code| format!("d/{code}"));
    let first = first.as_deref().unwrap_or(owner);
    uris.page(&format!("/{first}/{}", event_type.slug))
}

/// The words that Calendly has for a kind of meeting.
fn kind_description(kind: Kind, pooling: Option<Pooling>) -> &'static str {
    match (kind, pooling) {
        (_, Some(Pooling::RoundRobin | Pooling::MultiPool)) => "Round Robin",
        (Kind::Group, _) => "Group",
        (Kind::Solo, Some(Pooling::Collective)) => "Collective",
        (Kind::Solo, None) => "One-on-One",
    }
}

/// Plain text as HTML, a paragraph a block of lines.
fn paragraphs(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let paragraph = |block: &str| format!("<p>{}</p>", block.trim().replace('\n', "<br>"));
    escaped.split("\n\n").map(paragraph).collect()
}
