//! What is sent to add or edit a user.

use crate::api::{
    input::input,
    value::{
        Change,
        text::{Email, Phone, Slug, Text},
        time::Zone,
        words,
    },
};
use store::users::User;

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

input! {
    /// A new user. A default schedule, Monday to Friday 09:00 to 17:00 in their zone, comes with them.
    pub struct NewUser {
        /// Full name.
        pub name: Text<1, 255>,
        /// Mail address, unique in the organization.
        pub email: Email,
        /// IANA zone, UTC by default.
        pub timezone: Option<Zone>,
        /// First segment of the booking page, made from the name by default.
        pub slug: Option<Slug>,
        /// `user` by default.
        pub role: Option<NewRole>,
        /// `12h` by default.
        pub time_notation: Option<TimeNotation>,
        /// `en` by default.
        pub locale: Option<Locale>,
        /// Phone number.
        pub phone_number: Option<Phone>,
    }
    example {"name": "Ada Lovelace", "email": "ada@example.com", "timezone": "Europe/London"}
}

input! {
    /// What changes of a user; what is left out stays.
    pub struct UserChanges {
        /// Full name.
        pub name: Option<Text<1, 255>>,
        /// Mail address, unique in the organization.
        pub email: Option<Email>,
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
        if let Some(email) = &self.email {
            user.email.clone_from(&email.0);
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
