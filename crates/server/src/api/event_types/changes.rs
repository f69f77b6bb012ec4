//! What is sent to make or edit an event type. A new one is a plain one that is edited.

use crate::api::{
    event_types::fields::{
        BookingWindowInput, EventTypeLocale, LimitInput, LocationInput, QuestionInput,
        location_documents, question_documents,
    },
    event_types::hosts::{EventTypeKind, Hosts, PoolingType},
    input::input,
    uri::Uri,
    value::{
        Change, Int, List,
        text::{Color, Slug, Text},
    },
};
use domain::id::{ScheduleId, UserId};
use store::event_types::EventType;

input! {
    /// A new event type.
    pub struct NewEventType {
        /// Whose it is, and whose time it takes where there is no `pooling_type`.
        pub owner: Uri<UserId>,
        /// What invitees see.
        pub name: Text<1, 255>,
        /// Whether it can be booked; `false` by default.
        pub active: Option<bool>,
        /// Second segment of the booking page, made from the name by default.
        pub slug: Option<Slug>,
        /// Whether it is left out of the landing page; `false` by default.
        pub secret: Option<bool>,
        /// What invitees read.
        pub description: Option<Text<0, 10_000>>,
        /// What the host reads.
        pub internal_note: Option<Text<0, 10_000>>,
        /// Minutes; 30 by default.
        pub duration: Option<Int<1, 720>>,
        /// Durations that invitees may choose from, in minutes; `duration` must be among them.
        pub duration_options: Option<List<Int<1, 720>, 1, 4>>,
        /// Where it can take place.
        pub locations: Option<List<LocationInput, 0, 20>>,
        /// `#0069ff` by default.
        pub color: Option<Color>,
        /// `en` by default.
        pub locale: Option<EventTypeLocale>,
        /// Minutes between starts on offer; 30 by default.
        pub start_time_increment: Option<Int<5, 720>>,
        /// Minutes kept free before a meeting; 0 by default.
        pub before_buffer: Option<Int<0, 180>>,
        /// Minutes kept free after a meeting; 0 by default.
        pub after_buffer: Option<Int<0, 180>>,
        /// Minutes by which it must be booked ahead; 0 by default, at most a year.
        pub minimum_notice: Option<Int<0, 525_600>>,
        /// How far ahead it can be booked; 60 rolling days by default.
        pub booking_window: Option<BookingWindowInput>,
        /// How much of it can be booked.
        pub limits: Option<List<LimitInput, 0, 6>>,
        /// The schedule it goes by; the owner's default one by default.
        pub availability_schedule: Option<Uri<ScheduleId>>,
        /// Questions to the invitee.
        pub custom_questions: Option<List<QuestionInput, 0, 50>>,
        /// Display order; behind all others by default.
        pub position: Option<Int<0, 1_000_000>>,
        /// `solo` by default; `group` needs a `capacity`, no `pooling_type` but `collective`, and no confirmation.
        pub kind: Option<EventTypeKind>,
        /// How many invitees one meeting takes: 1 for `solo`, 2 or more for `group`.
        pub capacity: Option<Int<1, 1_000>>,
        /// How the hosts share the meetings; null: the owner hosts all.
        pub pooling_type: Option<PoolingType>,
        /// The hosts, with a `pooling_type`; at least one is a person, and with `round_robin` and `multi_pool` at least one is not fixed. Only owners and admins name other people.
        pub hosts: Option<Hosts>,
        /// Whether a host must confirm each meeting; `false` by default.
        pub requires_confirmation: Option<bool>,
        /// Minutes after which a meeting that nobody has confirmed ends; 1440 by default. Alone, it requires confirmation.
        pub confirmation_minutes: Option<Int<5, 10_080>>,
    }
    example {
        "owner": "http://127.0.0.1:8080/users/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "name": "Intro call",
        "active": true,
        "duration": 30,
        "after_buffer": 10,
        "minimum_notice": 120,
        "booking_window": {"type": "rolling", "days": 30, "weekdays_only": false},
        "limits": [{"per": "day", "events": 4}]
    }
}

impl NewEventType {
    /// A new event type is a plain one that is edited.
    pub fn changes(self) -> EventTypeChanges {
        fn set<T>(value: Option<T>) -> Change<T> {
            value.map_or(Change::Keep, Change::Set)
        }
        EventTypeChanges {
            name: None,
            active: self.active,
            slug: self.slug,
            secret: self.secret,
            description: set(self.description),
            internal_note: set(self.internal_note),
            duration: self.duration,
            duration_options: set(self.duration_options),
            locations: set(self.locations),
            color: self.color,
            locale: self.locale,
            start_time_increment: self.start_time_increment,
            before_buffer: self.before_buffer,
            after_buffer: self.after_buffer,
            minimum_notice: self.minimum_notice,
            booking_window: self.booking_window,
            limits: self.limits,
            availability_schedule: set(self.availability_schedule),
            custom_questions: self.custom_questions,
            position: self.position,
            kind: self.kind,
            capacity: self.capacity,
            pooling_type: set(self.pooling_type),
            hosts: self.hosts,
            requires_confirmation: self.requires_confirmation,
            confirmation_minutes: self.confirmation_minutes,
        }
    }
}

input! {
    /// What changes of an event type; what is left out stays.
    pub struct EventTypeChanges {
        /// What invitees see.
        pub name: Option<Text<1, 255>>,
        /// Whether it can be booked.
        pub active: Option<bool>,
        /// Second segment of the booking page.
        pub slug: Option<Slug>,
        /// Whether it is left out of the landing page.
        pub secret: Option<bool>,
        /// What invitees read; null removes it.
        pub description: Change<Text<0, 10_000>>,
        /// What the host reads; null removes it.
        pub internal_note: Change<Text<0, 10_000>>,
        /// Minutes.
        pub duration: Option<Int<1, 720>>,
        /// Durations that invitees may choose from, in minutes; `duration` must be among them; null removes them.
        pub duration_options: Change<List<Int<1, 720>, 1, 4>>,
        /// Where it can take place; null removes all.
        pub locations: Change<List<LocationInput, 0, 20>>,
        /// `#rrggbb`.
        pub color: Option<Color>,
        /// Language.
        pub locale: Option<EventTypeLocale>,
        /// Minutes between starts on offer.
        pub start_time_increment: Option<Int<5, 720>>,
        /// Minutes kept free before a meeting.
        pub before_buffer: Option<Int<0, 180>>,
        /// Minutes kept free after a meeting.
        pub after_buffer: Option<Int<0, 180>>,
        /// Minutes by which it must be booked ahead, at most a year.
        pub minimum_notice: Option<Int<0, 525_600>>,
        /// How far ahead it can be booked.
        pub booking_window: Option<BookingWindowInput>,
        /// How much of it can be booked; replaces all limits.
        pub limits: Option<List<LimitInput, 0, 6>>,
        /// The schedule it goes by; null: the owner's default one.
        pub availability_schedule: Change<Uri<ScheduleId>>,
        /// Questions to the invitee; replaces all questions.
        pub custom_questions: Option<List<QuestionInput, 0, 50>>,
        /// Display order.
        pub position: Option<Int<0, 1_000_000>>,
        /// `solo`, which sets the capacity to 1, or `group`.
        pub kind: Option<EventTypeKind>,
        /// How many invitees one meeting takes: 1 for `solo`, 2 or more for `group`.
        pub capacity: Option<Int<1, 1_000>>,
        /// How the hosts share the meetings; null removes the hosts: the owner hosts all.
        pub pooling_type: Change<PoolingType>,
        /// The hosts; replaces all hosts. Owners and admins name other people; anybody else only keeps those who are there.
        pub hosts: Option<Hosts>,
        /// Whether a host must confirm each meeting.
        pub requires_confirmation: Option<bool>,
        /// Minutes after which a meeting that nobody has confirmed ends. Alone, it requires confirmation.
        pub confirmation_minutes: Option<Int<5, 10_080>>,
    }
    example {"active": true, "duration": 45, "description": "A first conversation."}
}

impl EventTypeChanges {
    /// Changes an event type, but for its hosts.
    pub fn apply(&self, event_type: &mut EventType) {
        fn text<const MAX: usize>(text: Text<0, MAX>) -> String {
            text.0
        }
        if let Some(name) = &self.name {
            event_type.name.clone_from(&name.0);
        }
        if let Some(slug) = &self.slug {
            event_type.slug.clone_from(&slug.0);
        }
        if let Some(color) = &self.color {
            event_type.color.clone_from(&color.0);
        }
        if let Some(locale) = self.locale {
            locale.word().clone_into(&mut event_type.locale);
        }
        if let Some(questions) = &self.custom_questions {
            event_type.custom_questions = question_documents(questions);
        }
        event_type.active = self.active.unwrap_or(event_type.active);
        event_type.secret = self.secret.unwrap_or(event_type.secret);
        event_type.position = self
            .position
            .map_or(event_type.position, |position| position.0.into());
        event_type.description = self
            .description
            .clone()
            .of(event_type.description.take(), text);
        event_type.internal_note = self
            .internal_note
            .clone()
            .of(event_type.internal_note.take(), text);
        event_type.schedule_id = self
            .availability_schedule
            .clone()
            .of(event_type.schedule_id, |schedule| schedule.0);
        event_type.locations = self
            .locations
            .clone()
            .of(event_type.locations.take(), |locations| {
                location_documents(&locations)
            });
        event_type.duration_options = self
            .duration_options
            .clone()
            .of(event_type.duration_options.take(), |options| {
                options.0.into_iter().map(|minutes| minutes.0).collect()
            });
        self.apply_rules(event_type);
        self.apply_hosting(event_type);
    }

    fn apply_rules(&self, event_type: &mut EventType) {
        fn set<const MIN: u32, const MAX: u32>(minutes: &mut i64, change: Option<Int<MIN, MAX>>) {
            if let Some(change) = change {
                *minutes = change.0.into();
            }
        }
        let rules = &mut event_type.rules;
        set(&mut rules.duration, self.duration);
        set(&mut rules.increment, self.start_time_increment);
        set(&mut rules.minimum_notice, self.minimum_notice);
        set(&mut rules.before_buffer, self.before_buffer);
        set(&mut rules.after_buffer, self.after_buffer);
        if let Some(window) = &self.booking_window {
            rules.window = window.0;
        }
        if let Some(limits) = &self.limits {
            rules.limits = limits.0.iter().map(|limit| limit.0).collect();
        }
    }
}
