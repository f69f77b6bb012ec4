//! The dates that a recurrence rule names, period by period.
//!
//! The work is bounded by the last date that is looked at: no rule looks at a date twice.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::rule::{Day, Frequency, Rule};
use crate::civil::add_days;

/// No instance is looked for after this date.
const LAST_DATE: Date = Date::constant(2100, 12, 31);

/// The dates that the rule names, ascending, from the period of `first` on; some may lie before `first`.
pub(super) fn after(rule: &Rule, first: Date) -> impl Iterator<Item = Date> {
    let next = |period: &Period| period.next(rule);
    let periods = std::iter::successors(Some(Period::of(rule, first)), next);
    periods
        .take_while(|period| period.start <= LAST_DATE)
        .flat_map(|period| period.dates(rule))
}

/// A day, week, month or year, the unit in which a rule recurs.
struct Period {
    start: Date,
    end: Date,
}

impl Period {
    fn of(rule: &Rule, date: Date) -> Period {
        let (start, end) = match rule.frequency {
            Frequency::Daily => (date, date),
            Frequency::Weekly => {
                let start = add_days(date, -i64::from(date.weekday().since(rule.week_start)));
                (start, add_days(start, 6))
            }
            Frequency::Monthly => (date.first_of_month(), date.last_of_month()),
            Frequency::Yearly => (date.first_of_year(), date.last_of_year()),
        };
        Period { start, end }
    }

    fn next(&self, rule: &Rule) -> Option<Period> {
        let interval = i64::from(rule.interval);
        let step = match rule.frequency {
            Frequency::Daily => interval.days(),
            Frequency::Weekly => interval.weeks(),
            Frequency::Monthly => interval.months(),
            Frequency::Yearly => interval.years(),
        };
        self.start
            .checked_add(step)
            .ok()
            .map(|start| Period::of(rule, start))
    }

    fn dates(&self, rule: &Rule) -> Vec<Date> {
        let days = std::iter::successors(Some(self.start), |date| date.tomorrow().ok());
        let named: Vec<Date> = days
            .take_while(|date| *date <= self.end)
            .filter(|date| names(rule, *date))
            .collect();
        if rule.positions.is_empty() {
            return named;
        }
        let count = i16::try_from(named.len()).unwrap_or(i16::MAX);
        let picked = |&(_, position): &(Date, i16)| is_listed(&rule.positions, position, count);
        named
            .into_iter()
            .zip(1..)
            .filter(picked)
            .map(|(date, _)| date)
            .collect()
    }
}

/// Whether every list of the rule allows the date.
fn names(rule: &Rule, date: Date) -> bool {
    let allows =
        |list: &[i16], number: i16, count: i16| list.is_empty() || is_listed(list, number, count);
    let (week, weeks) = if rule.weeks.is_empty() {
        (0, 0)
    } else {
        week_of_year(date, rule.week_start)
    };
    allows(&rule.months, date.month().into(), 12)
        && allows(
            &rule.month_days,
            date.day().into(),
            date.days_in_month().into(),
        )
        && allows(&rule.year_days, date.day_of_year(), date.days_in_year())
        && allows(&rule.weeks, week, weeks)
        && (rule.days.is_empty() || rule.days.iter().any(|day| names_weekday(rule, *day, date)))
}

fn names_weekday(rule: &Rule, day: Day, date: Date) -> bool {
    if day.weekday != date.weekday() {
        return false;
    }
    let Some(nth) = day.nth else { return true };
    let in_month = rule.frequency == Frequency::Monthly || !rule.months.is_empty();
    let (number, count) = if in_month {
        (i16::from(date.day()), i16::from(date.days_in_month()))
    } else {
        (date.day_of_year(), date.days_in_year())
    };
    let from_start = (number - 1) / 7 + 1;
    let from_end = (count - number) / 7 + 1;
    nth == from_start || nth == -from_end
}

/// Whether a list has `number`, counted from the start or, as negative, from the end of `count`.
fn is_listed(list: &[i16], number: i16, count: i16) -> bool {
    list.contains(&number) || list.contains(&(number - count - 1))
}

/// The number of a date's week and how many weeks there are in the year to which that week belongs.
///
/// Weeks start on `week_start`, and the first one of a year is the first with four days in it.
fn week_of_year(date: Date, week_start: Weekday) -> (i16, i16) {
    // The fourth day of a week lies in the year to which the week belongs.
    let fourth_day = add_days(date, 3 - i64::from(date.weekday().since(week_start)));
    let week = (fourth_day.day_of_year() - 1) / 7 + 1;
    let weeks_left = (fourth_day.days_in_year() - fourth_day.day_of_year()) / 7;
    (week, week + weeks_left)
}
