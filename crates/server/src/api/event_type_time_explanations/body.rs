//! What is shown of an explanation.

use super::change::ChangeBody;
use crate::{
    api::{
        availability_rules::Weekday,
        event_types::fields::LimitBody,
        uri::Uris,
        value::{time::Time, words},
    },
    app::event_type_time_explanations::{Closed, ExplainedTime},
};
use domain::explanation::{Explanation, Source};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Why a time is on offer or not.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimeExplanationBody {
    /// The time.
    pub start_time: Time,
    /// When a meeting that starts then ends.
    pub end_time: Time,
    /// Whether it can be booked now.
    pub bookable: bool,
    /// How many invitees can still book it, if it can be booked.
    #[schema(required = true)]
    pub invitees_remaining: Option<i64>,
    /// All reasons why it cannot be booked; none when it can.
    pub reasons: Vec<ReasonBody>,
    /// The last time before it that can be booked, at most 14 days before what was asked for.
    #[schema(required = true)]
    pub previous_start: Option<Time>,
    /// The first time after it that can be booked, at most 14 days after what was asked for.
    #[schema(required = true)]
    pub next_start: Option<Time>,
}

/// A reason why a time cannot be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonBody {
    /// The reason, for programs.
    #[schema(example = "minimum_notice")]
    pub code: String,
    /// The reason.
    pub message: String,
    /// The host who cannot be booked then; nobody when it is about all of them.
    #[schema(required = true, format = "uri")]
    pub host: Option<String>,
    /// What is behind it.
    pub source: SourceBody,
    /// What would take this reason away, each by itself. Other reasons may remain.
    pub opens_with: Vec<ChangeBody>,
}

words! {
    /// What is behind a reason.
    pub enum SourceType {
        /// The host's hours of a weekday.
        Rule = "rule",
        /// The host's hours of a date.
        Override = "override",
        /// A scheduled event.
        Event = "event",
        /// A hold.
        Hold = "hold",
        /// Blocked time, or an outside calendar.
        BusyTime = "busy_time",
        /// A limit of the event type.
        Limit = "limit",
        /// Another setting of the event type, or the clock.
        EventType = "event_type",
    }
}

/// What is behind a reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceBody {
    /// What kind of thing.
    #[serde(rename = "type")]
    pub kind: SourceType,
    /// The weekday, of `rule`.
    #[schema(required = true)]
    pub weekday: Option<Weekday>,
    /// The date, of `override`.
    #[schema(required = true, format = "date")]
    pub date: Option<String>,
    /// The event or busy time, of `event` and `busy_time`; for those whose time it takes, owners and admins.
    #[schema(required = true, format = "uri")]
    pub uri: Option<String>,
    /// The limit, of `limit`.
    #[schema(required = true)]
    pub limit: Option<LimitBody>,
}

/// Who is shown explanations.
#[derive(Debug)]
pub struct Viewer {
    /// Whether they may see every event.
    pub is_admin: bool,
    /// The events and busy times that take their own time.
    pub own: BTreeSet<Uuid>,
    /// How things are addressed.
    pub uris: Uris,
}

impl Viewer {
    /// What is shown of one time.
    pub fn body(&self, time: ExplainedTime) -> TimeExplanationBody {
        let closed = time.closed.into_iter().map(reason_to_close);
        let reasons = time.reasons.into_iter().map(|reason| self.reason(&reason));
        TimeExplanationBody {
            start_time: Time(time.start),
            end_time: Time(time.end),
            bookable: time.places_left.is_some(),
            invitees_remaining: time.places_left,
            reasons: closed.chain(reasons).collect(),
            previous_start: time.previous.map(Time),
            next_start: time.next.map(Time),
        }
    }

    fn reason(&self, explanation: &Explanation) -> ReasonBody {
        let reason = explanation.reason;
        ReasonBody {
            code: reason.refusal.code().to_owned(),
            message: reason.refusal.to_string(),
            host: reason.host.map(|host| self.uris.of(host)),
            source: self.source(explanation.source),
            opens_with: explanation.changes.iter().map(ChangeBody::new).collect(),
        }
    }

    fn source(&self, source: Source) -> SourceBody {
        let visible = |id: Uuid| self.is_admin || self.own.contains(&id);
        match source {
            Source::Rule(weekday) => SourceBody {
                weekday: Some(Weekday::of(weekday)),
                ..of_type(SourceType::Rule)
            },
            Source::Override(date) => SourceBody {
                date: Some(date.to_string()),
                ..of_type(SourceType::Override)
            },
            Source::Event(event) => SourceBody {
                uri: visible(event.0).then(|| self.uris.of(event)),
                ..of_type(SourceType::Event)
            },
            Source::BusyTime(busy_time) => SourceBody {
                uri: visible(busy_time.0).then(|| self.uris.of(busy_time)),
                ..of_type(SourceType::BusyTime)
            },
            Source::Limit(limit) => SourceBody {
                limit: Some(LimitBody::new(&limit)),
                ..of_type(SourceType::Limit)
            },
            Source::Hold(_) => of_type(SourceType::Hold),
            Source::EventType => of_type(SourceType::EventType),
        }
    }
}

fn of_type(kind: SourceType) -> SourceBody {
    SourceBody {
        kind,
        weekday: None,
        date: None,
        uri: None,
        limit: None,
    }
}

fn reason_to_close(closed: Closed) -> ReasonBody {
    let (message, opens_with) = match closed {
        Closed::Inactive => {
            let activation = vec![ChangeBody::activation()];
            ("this event type is not active", activation)
        }
        Closed::Unhosted => (
            "its owner is gone, or a host whom each meeting needs",
            Vec::new(),
        ),
    };
    ReasonBody {
        code: closed.code().to_owned(),
        message: message.to_owned(),
        host: None,
        source: of_type(SourceType::EventType),
        opens_with,
    }
}
