//! Times in mails: on the reader's clock, with the zone and its distance from UTC, so that a repeated hour is clear.

use domain::{civil, interval::Interval};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// `Tuesday, 3 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)`.
pub fn when(meeting: Interval, zone: &TimeZone) -> String {
    let (start, end) = (meeting.start(), meeting.end());
    let (from, to) = (civil::wall_time(start, zone), civil::wall_time(end, zone));
    let (from_offset, to_offset) = (offset(start, zone), offset(end, zone));
    let name = civil::zone_name(zone);
    let until = if from.date() == to.date() {
        time(to)
    } else {
        format!("{}, {}", date(to), time(to))
    };
    let from = format!("{}, {}", date(from), time(from));
    if from_offset == to_offset {
        format!("{from}–{until} ({name}, {from_offset})")
    } else {
        format!("{from} {from_offset} – {until} {to_offset} ({name})")
    }
}

/// `Tuesday, 3 March 2026, 10:00 (Europe/Berlin, UTC+01:00)`.
pub fn at(instant: Timestamp, zone: &TimeZone) -> String {
    let wall = civil::wall_time(instant, zone);
    let name = civil::zone_name(zone);
    format!(
        "{}, {} ({name}, {})",
        date(wall),
        time(wall),
        offset(instant, zone)
    )
}

fn date(wall: DateTime) -> String {
    wall.strftime("%A, %-d %B %Y").to_string()
}

fn time(wall: DateTime) -> String {
    wall.strftime("%H:%M").to_string()
}

fn offset(instant: Timestamp, zone: &TimeZone) -> String {
    let minutes = zone.to_offset(instant).seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_clear_also_where_the_clock_changes() {
        let cases = [
            (
                "2026-03-03T09:00:00Z",
                "2026-03-03T09:30:00Z",
                "Europe/Berlin",
                "Tuesday, 3 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)",
            ),
            // the hour from 02:00 to 03:00 comes twice: the first time …
            (
                "2026-10-25T00:15:00Z",
                "2026-10-25T00:45:00Z",
                "Europe/Berlin",
                "Sunday, 25 October 2026, 02:15–02:45 (Europe/Berlin, UTC+02:00)",
            ),
            // … and the second time
            (
                "2026-10-25T01:15:00Z",
                "2026-10-25T01:45:00Z",
                "Europe/Berlin",
                "Sunday, 25 October 2026, 02:15–02:45 (Europe/Berlin, UTC+01:00)",
            ),
            // it begins in the first one and ends in the second one
            (
                "2026-10-25T00:45:00Z",
                "2026-10-25T01:15:00Z",
                "Europe/Berlin",
                "Sunday, 25 October 2026, 02:45 UTC+02:00 – 02:15 UTC+01:00 (Europe/Berlin)",
            ),
            // over midnight, half an hour off
            (
                "2026-03-03T18:00:00Z",
                "2026-03-03T19:00:00Z",
                "Asia/Kolkata",
                "Tuesday, 3 March 2026, 23:30–Wednesday, 4 March 2026, 00:30 (Asia/Kolkata, UTC+05:30)",
            ),
            (
                "2026-07-01T12:00:00Z",
                "2026-07-01T13:00:00Z",
                "America/St_Johns",
                "Wednesday, 1 July 2026, 09:30–10:30 (America/St_Johns, UTC-02:30)",
            ),
        ];
        for (from, to, zone, expected) in cases {
            let [from, to] = [from, to].map(|text| text.parse().unwrap());
            let meeting = Interval::new(from, to).unwrap();
            assert_eq!(when(meeting, &civil::zone(zone).unwrap()), expected);
        }
    }
}
