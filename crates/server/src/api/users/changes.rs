//! What is sent to add or edit a user.

use crate::api::{
    input::{Reader, input},
    value::{
        Change,
        text::{Email, Phone, Slug, Text},
        time::Zone,
        words,
    },
};
use crate::app::users::AddUser;
use domain::id::OrganizationId;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};
use store::{
    organization_memberships::Role,
    users::{User, UserKind},
};

words! {
    /// How times of day are shown.
    pub enum TimeNotation {
        /// 2:30 pm.
        Twelve = "12h",
        /// 14:30.
        TwentyFour = "24h",
    }
}

words! {
    /// Languages of people.
    pub enum Locale {
        /// English.
        En = "en",
        /// French.
        Fr = "fr",
        /// Spanish.
        Es = "es",
        /// German.
        De = "de",
        /// Portuguese.
        Pt = "pt",
        /// As Calendly writes it.
        Ps = "ps",
    }
}

words! {
    /// Roles that can be given to a new user.
    pub enum NewRole {
        /// Administers the organization.
        Admin = "admin",
        /// Has their own calendar only.
        User = "user",
    }
}

words! {
    /// What a user is.
    pub enum KindInput {
        /// Somebody who can sign in.
        Person = "person",
        /// A room or a piece of equipment.
        Resource = "resource",
    }
}

impl From<KindInput> for UserKind {
    fn from(kind: KindInput) -> UserKind {
        match kind {
            KindInput::Person => UserKind::Person,
            KindInput::Resource => UserKind::Resource,
        }
    }
}

input! {
    /// A new user. A default schedule, Monday to Friday 09:00 to 17:00 in their zone, comes with them.
    pub struct NewUser {
        /// Full name.
        pub name: Text<1, 255>,
        /// `person` by default, or `resource`: a room or a piece of equipment. It never changes.
        pub kind: Option<KindInput>,
        /// Mail address, unique in the organization; a person must have one.
        pub email: Option<Email>,
        /// IANA zone, UTC by default.
        pub timezone: Option<Zone>,
        /// First segment of the booking page, made from the name by default.
        pub slug: Option<Slug>,
        /// `user` by default, and always of a resource.
        pub role: Option<NewRole>,
        /// `12h` by default.
        pub time_notation: Option<TimeNotation>,
        /// `en` by default.
        pub locale: Option<Locale>,
        /// Phone number.
        pub phone_number: Option<Phone>,
    }
    check fits_kind
    example {"name": "Ada Lovelace", "email": "ada@example.com", "timezone": "Europe/London"}
}

impl NewUser {
    /// What adds the user.
    pub fn command(self, organization: OrganizationId, now: Timestamp) -> AddUser {
        let zone = self.timezone.map_or(TimeZone::UTC, |zone| zone.0);
        let email = self.email.map(|email| email.0).unwrap_or_default();
        let mut command = AddUser::new(organization, self.name.0, email, zone, now);
        command.user.kind = self.kind.map_or(UserKind::Person, UserKind::from);
        command.user.slug = self.slug.map(|slug| slug.0).unwrap_or_default();
        command.user.phone_number = self.phone_number.map(|number| number.0);
        if let Some(notation) = self.time_notation {
            notation.word().clone_into(&mut command.user.time_notation);
        }
        if let Some(locale) = self.locale {
            locale.word().clone_into(&mut command.user.locale);
        }
        if let Some(role) = self.role.and_then(|role| Role::parse(role.word())) {
            command.role = role;
        }
        command
    }
}

/// Notes what does not go with the kind of the new user.
fn fits_kind(object: &Map<String, Value>, reader: &mut Reader) {
    let missing = |field| object.get(field).is_none_or(Value::is_null);
    let is = |field, word| object.get(field).is_some_and(|value| value == word);
    if (missing("kind") || is("kind", "person")) && missing("email") {
        reader.problem_with(
            "email",
            "required",
            "must be filled unless kind is resource",
        );
    }
    if is("kind", "resource") && is("role", "admin") {
        reader.problem_with("role", "is_resource", "must be user when kind is resource");
    }
}

input! {
    /// What changes of a user; what is left out stays.
    pub struct UserChanges {
        /// Full name.
        pub name: Option<Text<1, 255>>,
        /// Mail address, unique in the organization; null removes that of a resource.
        pub email: Change<Email>,
        /// IANA zone.
        pub timezone: Option<Zone>,
        /// First segment of the booking page.
        pub slug: Option<Slug>,
        /// How times of day are shown.
        pub time_notation: Option<TimeNotation>,
        /// Language.
        pub locale: Option<Locale>,
        /// Phone number; null removes it.
        pub phone_number: Change<Phone>,
    }
    example {"timezone": "Europe/Berlin", "phone_number": "+4930123456"}
}

impl UserChanges {
    /// Writes the changes into the user.
    pub fn apply(&self, user: &mut User) {
        if let Some(name) = &self.name {
            user.name.clone_from(&name.0);
        }
        match &self.email {
            Change::Keep => {}
            Change::Clear => user.email.clear(),
            Change::Set(email) => user.email.clone_from(&email.0),
        }
        if let Some(zone) = &self.timezone {
            zone.name().clone_into(&mut user.timezone);
        }
        if let Some(slug) = &self.slug {
            user.slug.clone_from(&slug.0);
        }
        if let Some(notation) = self.time_notation {
            notation.word().clone_into(&mut user.time_notation);
        }
        if let Some(locale) = self.locale {
            locale.word().clone_into(&mut user.locale);
        }
        let number = self.phone_number.clone();
        user.phone_number = number.of(user.phone_number.take(), |number| number.0);
    }
}
