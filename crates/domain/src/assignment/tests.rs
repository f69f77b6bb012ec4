use super::*;

use jiff::SignedDuration;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::busy::{Busy, BusyInterval, BusyKind};
use crate::event_type::{BookingWindow, EventType, EventTypeSpec};
use crate::id::EventTypeId;
use crate::schedule::{HoursInterval, Rule, Schedule};
use crate::slots::HostFacts;

fn id(letter: char) -> UserId {
    UserId(Uuid::from_u128(letter.into()))
}

fn letter(host: UserId) -> char {
    char::from_u32(host.0.as_u128().try_into().unwrap()).unwrap()
}

/// A host, as one might write it: `a: priority 1, weight 2, 3 meetings, last at 4` minutes after 1970 began.
fn standing(text: &str) -> Standing {
    let (name, numbers) = text.split_once(": ").unwrap();
    let number = |part: &str| {
        part.trim_matches(|char: char| !char.is_ascii_digit())
            .parse()
    };
    let mut standing = Standing {
        host: id(name.parse().unwrap()),
        priority: 0,
        weight: 1,
        meetings: 0,
        last_assigned: None,
    };
    for part in numbers.split(", ") {
        let number: i64 = number(part).unwrap();
        match part.trim_matches(|char: char| !char.is_alphabetic()) {
            "priority" => standing.priority = number,
            "weight" => standing.weight = number,
            "meetings" => standing.meetings = number,
            _ => {
                let last = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(number);
                standing.last_assigned = Some(last);
            }
        }
    }
    standing
}

/// Hosts of a round robin, one a row, and in which order they are asked.
fn turn(hosts: &[&str]) -> String {
    let pool: Vec<Standing> = hosts.iter().map(|text| standing(text)).collect();
    in_turn(&pool).into_iter().map(letter).collect()
}

#[test]
fn hosts_are_asked_by_priority_then_share_then_rest_then_id() {
    for (hosts, expected) in [
        // The highest priority is asked first, however much they have held.
        (
            vec!["a: priority 0, 0 meetings", "b: priority 1, 9 meetings"],
            "ba",
        ),
        (
            vec!["a: 3 meetings", "b: 1 meetings", "c: 2 meetings"],
            "bca",
        ),
        // Of four meetings, with the next one, b's share is three: theirs is the next.
        (
            vec!["a: weight 1, 1 meetings", "b: weight 3, 2 meetings"],
            "ba",
        ),
        // b has three already, which is as many as four meetings give them: a is next.
        (
            vec!["a: weight 1, 0 meetings", "b: weight 3, 3 meetings"],
            "ab",
        ),
        // b has the fewest for their weight, but 98 are more than their share of 99 meetings.
        (
            vec![
                "a: weight 1, 0 meetings",
                "b: weight 100, 98 meetings",
                "c: weight 1, 0 meetings",
                "d: weight 1, 0 meetings",
            ],
            "acdb",
        ),
        // Shares are of those of one priority.
        (
            vec![
                "a: priority 1, weight 1, 1 meetings",
                "b: priority 1, weight 1, 1 meetings",
                "c: priority 0, weight 100, 0 meetings",
            ],
            "abc",
        ),
        // As many for their weight: whose last one is longest ago; never is longest.
        (
            vec!["a: 1 meetings, last at 8", "b: 1 meetings, last at 7"],
            "ba",
        ),
        (vec!["a: 0 meetings, last at 8", "b: 0 meetings"], "ba"),
        // Nothing tells them apart but their ids.
        (
            vec!["b: 1 meetings", "c: 1 meetings", "a: 1 meetings"],
            "abc",
        ),
        (vec!["a: 0 meetings"], "a"),
        (vec![], ""),
    ] {
        assert_eq!(turn(&hosts), expected, "{hosts:?}");
    }
}

#[test]
fn one_of_three_meetings_is_held_by_a_host_of_weight_one_beside_one_of_weight_two() {
    let mut pool = [standing("a: weight 1"), standing("b: weight 2")];
    let mut order = String::new();
    for _ in 0..9 {
        let next = in_turn(&pool)[0];
        let standing = pool.iter_mut().find(|standing| standing.host == next);
        standing.unwrap().meetings += 1;
        order.push(if next == id('a') { 'a' } else { 'b' });
    }
    assert_eq!(order, "babbabbab");
}

/// Who holds a meeting on Monday, 2026-03-02, from 09:00 to 10:00, as seen at `now`, out of a, b and c.
///
/// All are open from 09:00 to 12:00, and none has held a meeting so far; `busy` are taken.
fn assigned(pools: &[&str], busy: &str, kept: &str, now: &str) -> Option<String> {
    let event_type = EventType::new(EventTypeSpec {
        id: EventTypeId(Uuid::from_u128(1)),
        duration: 60,
        before_buffer: 0,
        after_buffer: 0,
        increment: 60,
        minimum_notice: 60,
        window: BookingWindow::Unlimited,
        limits: Vec::new(),
        capacity: 1,
    });
    let event_type = event_type.unwrap();
    let time = |text| crate::civil::TimeOfDay::parse(text).unwrap();
    let mondays = Rule::Weekday {
        weekday: Weekday::Monday,
        intervals: vec![HoursInterval::new(time("09:00"), time("12:00")).unwrap()],
    };
    let schedule = Schedule::new(TimeZone::UTC, vec![mondays]).unwrap();
    let start: Timestamp = "2026-03-02T09:00Z".parse().unwrap();
    let meeting = event_type.meeting_at(start).unwrap();
    let taken = Busy::new(vec![BusyInterval {
        interval: meeting,
        buffered: meeting,
        kind: BusyKind::BusyTime,
        source: Uuid::from_u128(2),
        event_type: None,
        places: 1,
    }]);
    let nothing = Busy::default();
    let known = |letter| HostFacts {
        host: id(letter),
        schedule: &schedule,
        busy: if busy.contains(letter) {
            &taken
        } else {
            &nothing
        },
    };
    let facts = pools.iter().map(|pool| pool.chars().map(known).collect());
    let offer = Offer::new(&event_type, facts.collect(), meeting, now.parse().unwrap());
    let beginner = |letter| standing(&format!("{letter}: 0 meetings"));
    let standings = pools
        .iter()
        .map(|pool| pool.chars().map(beginner).collect());
    let standings: Vec<Vec<Standing>> = standings.collect();
    let kept: Vec<UserId> = kept.chars().map(id).collect();
    let hosts = assign(&offer, meeting, &standings, &kept)?;
    Some(hosts.into_iter().map(letter).collect())
}

#[test]
fn the_first_in_turn_who_is_free_holds_the_meeting_unless_one_is_kept() {
    for (pools, busy, kept, expected) in [
        (vec!["abc"], "", "", Some("a")),
        (vec!["abc"], "a", "", Some("b")),
        (vec!["abc"], "", "c", Some("c")),
        (vec!["abc"], "c", "c", Some("a")),
        (vec!["abc"], "a", "bc", Some("b")),
        (vec!["abc"], "abc", "c", None),
        // A collective meeting takes all, or does not take place.
        (vec!["a", "b", "c"], "", "b", Some("abc")),
        (vec!["a", "b", "c"], "b", "", None),
        // One who always takes part, and one of two.
        (vec!["c", "ab"], "a", "", Some("cb")),
        (vec!["c", "ab"], "", "b", Some("cb")),
        // Nobody is left to be asked.
        (vec!["a", ""], "", "", None),
        (vec![], "", "", None),
    ] {
        let assigned = assigned(&pools, busy, kept, "2026-03-02T08:00Z");
        assert_eq!(assigned.as_deref(), expected, "{pools:?} {busy} {kept}");
    }
}

#[test]
fn nobody_is_assigned_to_what_cannot_be_booked_any_more() {
    assert_eq!(assigned(&["a"], "", "", "2026-03-02T08:01Z"), None);
}
