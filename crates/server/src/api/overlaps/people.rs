//! The people of `POST /overlaps`: users, guests without account, groups of both.

use super::MAX_PEOPLE;
use crate::api::{
    availability_rules::{self, RuleList},
    input::{Parse, Reader, input, read_fields},
    problem::Problem,
    uri::Uri,
    value::{
        Int, List,
        text::Text,
        time::{Time, Zone},
    },
};
use crate::app::overlaps::Person;
use domain::{id::UserId, interval::Interval, overlap::Group, schedule::Schedule};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::OneOfBuilder};

input! {
    /// An interval of time.
    pub struct BusyInput {
        /// When it starts.
        pub start_time: Time,
        /// When it ends.
        pub end_time: Time,
    }
}

input! {
    /// One of the people: `user`, or, without account, `name`, `timezone`, `rules` and perhaps `busy`.
    pub struct PersonFields {
        /// A user of the organization.
        pub user: Option<Uri<UserId>>,
        /// What to call somebody without account.
        pub name: Option<Text<1, 255>>,
        /// The zone of their rules.
        pub timezone: Option<Zone>,
        /// Their hours.
        pub rules: Option<RuleList>,
        /// When they are taken.
        pub busy: Option<List<BusyInput, 0, 10_000>>,
        /// The hours in which they prefer to meet, in the zone of their own hours; Monday to Friday, 09:00 to 17:00, by default.
        pub preferred: Option<RuleList>,
        /// `false` for somebody who is reported but not needed.
        pub required: Option<bool>,
    }
}

/// A person of an overlap, ready to be looked up.
#[derive(Clone, Debug)]
pub struct PersonInput {
    /// Who.
    pub person: Person,
    /// What to call them; users are called by their URI.
    pub name: Option<String>,
    /// Whether they are needed.
    pub required: bool,
    /// When they prefer to meet, as wall times of their own zone.
    pub preferred: Option<Box<Schedule>>,
}

impl Parse for PersonInput {
    fn parse(value: &Value, reader: &mut Reader) -> Option<PersonInput> {
        let fields = PersonFields::parse(value, reader)?;
        let required = fields.required.unwrap_or(true);
        let preferred = match &fields.preferred {
            Some(rules) => Some(Box::new(schedule(TimeZone::UTC, rules, reader)?)),
            None => None,
        };
        match (fields.user, fields.name, fields.timezone, fields.rules) {
            (Some(Uri(user)), None, None, None) if fields.busy.is_none() => Some(PersonInput {
                person: Person::User(user),
                name: None,
                required,
                preferred,
            }),
            (None, Some(name), Some(zone), Some(rules)) => {
                let busy = busy(fields.busy.map(|busy| busy.0).unwrap_or_default(), reader);
                let schedule = schedule(zone.0, &rules, reader);
                Some(PersonInput {
                    person: Person::Guest {
                        schedule: Arc::new(schedule?),
                        busy: busy?,
                    },
                    name: Some(name.0),
                    required,
                    preferred,
                })
            }
            _ => reader.problem(
                "invalid_person",
                "must have either user alone, or name, timezone and rules (and perhaps busy)",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        let user = object(&["user", "preferred", "required"], &["user"]);
        let guest = object(
            &["name", "timezone", "rules", "busy", "preferred", "required"],
            &["name", "timezone", "rules"],
        );
        OneOfBuilder::new().item(user).item(guest).into()
    }
}

fn schedule(zone: TimeZone, rules: &RuleList, reader: &mut Reader) -> Option<Schedule> {
    match availability_rules::schedule(zone, rules) {
        Ok(schedule) => Some(schedule),
        Err(message) => reader.problem("invalid_rule", message),
    }
}

/// The schema of some fields of a person.
fn object(fields: &[&str], required: &[&str]) -> RefOr<Schema> {
    let properties = read_fields(PersonFields::schema());
    let object = ObjectBuilder::new().additional_properties(crate::api::input::closed());
    let object = fields
        .iter()
        .fold(object, |object, field| match properties.get(*field) {
            Some(schema) => object.property(*field, schema.clone()),
            None => object,
        });
    required
        .iter()
        .fold(object, |object, field| object.required(*field))
        .into()
}

fn busy(intervals: Vec<BusyInput>, reader: &mut Reader) -> Option<Vec<Interval>> {
    let ordered = |busy: BusyInput| Interval::new(busy.start_time.0, busy.end_time.0);
    let intervals: Option<Vec<Interval>> = intervals.into_iter().map(ordered).collect();
    intervals.or_else(|| {
        reader.problem(
            "invalid_range",
            "every busy interval must end after it starts",
        )
    })
}

input! {
    /// People of whom some must be free.
    pub struct GroupInput {
        /// The people.
        pub people: List<PersonInput, 1, 10_000>,
        /// So many of them must be free; all who are required by default.
        pub minimum_available: Option<Int<0, 10_000>>,
    }
}

/// The people of all groups, each once, and who of them is needed.
pub struct Gathered {
    /// Everybody.
    pub people: Vec<PersonInput>,
    /// How many of whom must be free.
    pub groups: Vec<Group>,
}

/// Gathers the people of groups.
pub fn gather(groups: Vec<(Vec<PersonInput>, Option<u32>)>) -> Result<Gathered, Problem> {
    let mut gathered = Gathered {
        people: Vec::new(),
        groups: Vec::new(),
    };
    let mut users = HashMap::new();
    for (place, (people, minimum)) in groups.into_iter().enumerate() {
        let mut members = Vec::with_capacity(people.len());
        let mut seen = HashSet::new();
        for input in people {
            let index = match input.person {
                Person::User(user) => *users.entry(user).or_insert(gathered.people.len()),
                Person::Guest { .. } => gathered.people.len(),
            };
            if input.required && seen.insert(index) {
                members.push(index);
            }
            match gathered.people.get_mut(index) {
                Some(known) => known.preferred = known.preferred.take().or(input.preferred),
                None => gathered.people.push(input),
            }
        }
        let minimum = minimum.map_or(members.len(), |minimum| minimum as usize);
        if minimum > members.len() {
            let message = format!(
                "must be at most the number of required people of the group, {}",
                members.len()
            );
            return Err(Problem::parameter(
                format!("groups[{place}].minimum_available"),
                "out_of_range",
                message,
            ));
        }
        gathered.groups.push(Group { members, minimum });
    }
    if gathered.people.len() > MAX_PEOPLE {
        return Err(Problem::parameter(
            "groups",
            "too_many",
            format!("must not name more than {MAX_PEOPLE} people"),
        ));
    }
    Ok(gathered)
}
