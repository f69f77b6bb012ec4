//! Availability rules in requests and answers: weekly hours and date overrides.

use super::{
    input::{Parse, Reader, input},
    value::{
        List,
        time::{Day, HourMinute},
        words,
    },
};
use domain::{
    civil,
    schedule::{HoursInterval, Rule, Schedule, ScheduleError},
};
use jiff::{
    civil::{Date, Weekday as CivilWeekday},
    tz::TimeZone,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema},
};

words! {
    /// Days of the week.
    pub enum Weekday {
        /// Sunday.
        Sunday = "sunday",
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
    }
}

impl Weekday {
    fn civil(self) -> CivilWeekday {
        match self {
            Weekday::Sunday => CivilWeekday::Sunday,
            Weekday::Monday => CivilWeekday::Monday,
            Weekday::Tuesday => CivilWeekday::Tuesday,
            Weekday::Wednesday => CivilWeekday::Wednesday,
            Weekday::Thursday => CivilWeekday::Thursday,
            Weekday::Friday => CivilWeekday::Friday,
            Weekday::Saturday => CivilWeekday::Saturday,
        }
    }

    /// The word for a day of the week.
    pub fn of(weekday: CivilWeekday) -> Weekday {
        match weekday {
            CivilWeekday::Sunday => Weekday::Sunday,
            CivilWeekday::Monday => Weekday::Monday,
            CivilWeekday::Tuesday => Weekday::Tuesday,
            CivilWeekday::Wednesday => Weekday::Wednesday,
            CivilWeekday::Thursday => Weekday::Thursday,
            CivilWeekday::Friday => Weekday::Friday,
            CivilWeekday::Saturday => Weekday::Saturday,
        }
    }
}

words! {
    /// What a rule is about.
    pub enum RuleType {
        /// A day of every week.
        Wday = "wday",
        /// One date, whose hours replace those of its weekday.
        Date = "date",
    }
}

input! {
    /// Hours of a day in wall time. `to` may be `24:00`; a `to` at or before `from` is on the next day.
    pub struct HoursInput {
        /// When they begin.
        pub from: HourMinute,
        /// When they end.
        pub to: HourMinute,
    }
}

input! {
    /// A rule as it is sent, before its parts are checked against each other.
    pub struct RuleFields {
        /// `wday` or `date`.
        pub r#type: RuleType,
        /// The day of the week, for `wday` rules.
        pub wday: Option<Weekday>,
        /// The date, for `date` rules.
        pub date: Option<Day>,
        /// The hours; none means closed.
        pub intervals: List<HoursInput, 0, 100>,
    }
}

/// A rule in a request.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleInput(pub Rule);

impl Parse for RuleInput {
    fn parse(value: &Value, reader: &mut Reader) -> Option<RuleInput> {
        let fields = RuleFields::parse(value, reader)?;
        let mut intervals = Some(Vec::new());
        for hours in &fields.intervals.0 {
            let hours = match HoursInterval::new(hours.from.0, hours.to.0) {
                Ok(hours) => Some(hours),
                Err(error) => reader.problem("invalid_interval", error.to_string()),
            };
            intervals = intervals.zip(hours).map(|(mut list, hours)| {
                list.push(hours);
                list
            });
        }
        match (fields.r#type, fields.wday, fields.date) {
            (RuleType::Wday, Some(weekday), None) => Some(RuleInput(Rule::Weekday {
                weekday: weekday.civil(),
                intervals: intervals?,
            })),
            (RuleType::Date, None, Some(Day(date))) => Some(RuleInput(Rule::Date {
                date,
                intervals: intervals?,
            })),
            (RuleType::Wday, ..) => reader.problem(
                "invalid_rule",
                "a wday rule needs wday and must not have date",
            ),
            (RuleType::Date, ..) => reader.problem(
                "invalid_rule",
                "a date rule needs date and must not have wday",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        let example = serde_json::json!({
            "type": "wday", "wday": "monday", "intervals": [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "17:00"}]
        });
        match RuleFields::schema() {
            RefOr::T(Schema::Object(object)) => ObjectBuilder::from(object)
                .description(Some("The hours of a day of every week, or of one date"))
                .examples([example])
                .into(),
            other => other,
        }
    }
}

/// The most rules a schedule may have.
pub const MAX_RULES: usize = 1000;

/// The rules of a request.
pub type RuleList = List<RuleInput, 0, MAX_RULES>;

/// The schedule that rules make in a zone, or what is wrong with them.
pub fn schedule(zone: TimeZone, rules: &RuleList) -> Result<Schedule, String> {
    let rules = rules.0.iter().map(|rule| rule.0.clone()).collect();
    Schedule::new(zone, rules).map_err(|error: ScheduleError| error.to_string())
}

/// The dates before `first` that rules name.
pub fn dates_before(rules: &RuleList, first: Date) -> Vec<(usize, Date)> {
    let date = |(index, rule): (usize, &RuleInput)| match rule.0 {
        Rule::Date { date, .. } if date < first => Some((index, date)),
        _ => None,
    };
    rules.0.iter().enumerate().filter_map(date).collect()
}

/// A rule in an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityRule {
    /// `wday` or `date`.
    #[serde(rename = "type")]
    pub kind: RuleType,
    /// The day of the week, for `wday` rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub wday: Option<Weekday>,
    /// The date, for `date` rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date")]
    pub date: Option<String>,
    /// The hours; none means closed.
    pub intervals: Vec<HoursBody>,
}

/// Hours of a day in wall time.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoursBody {
    /// When they begin.
    #[schema(example = "09:00")]
    pub from: String,
    /// When they end.
    #[schema(example = "17:00")]
    pub to: String,
}

/// The rules of a schedule, in order.
pub fn rules_body(schedule: &Schedule) -> Vec<AvailabilityRule> {
    let hours = |intervals: Vec<HoursInterval>| {
        let body = |hours: HoursInterval| HoursBody {
            from: hours.from().to_string(),
            to: hours.to().to_string(),
        };
        intervals.into_iter().map(body).collect()
    };
    let body = |rule| match rule {
        Rule::Weekday { weekday, intervals } => AvailabilityRule {
            kind: RuleType::Wday,
            wday: Some(Weekday::of(weekday)),
            date: None,
            intervals: hours(intervals),
        },
        Rule::Date { date, intervals } => AvailabilityRule {
            kind: RuleType::Date,
            wday: None,
            date: Some(date.to_string()),
            intervals: hours(intervals),
        },
    };
    schedule.rules().map(body).collect()
}

/// The IANA name of a schedule's zone.
pub fn zone_of(schedule: &Schedule) -> String {
    civil::zone_name(schedule.zone()).to_owned()
}
