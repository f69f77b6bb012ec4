//! iCalendar objects (RFC 5545) that come along with mails, as iTIP messages (RFC 5546).
//!
//! An invitee's part in a meeting is one calendar object for ever: it keeps its `UID` when the meeting moves, and its
//! `SEQUENCE` grows. iTIP allows one such object in a request, so several meetings are published instead.

use domain::civil::wall_time;
use domain::interval::Interval;
use jiff::{Timestamp, tz::TimeZone};

/// What a calendar is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Take the meeting in, or its new time.
    Request,
    /// Take it out.
    Cancel,
}

/// A meeting as a calendar sees it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is known by.
    pub uid: String,
    /// Which version of it this is.
    pub sequence: u32,
    /// When.
    pub interval: Interval,
    /// What it is called.
    pub summary: String,
    /// Where.
    pub location: Option<String>,
    /// Who holds it: name and mail address.
    pub organizer: (String, String),
    /// Who comes: names, where they are known, and mail addresses.
    pub attendees: Vec<(Option<String>, String)>,
}

/// The calendar object of some meetings, at least one, in lines of any length: so it is kept, and so people are found in it.
pub fn calendar(method: Method, entries: &[Entry], now: Timestamp) -> String {
    let mut text = Text::default();
    let is_single = entries.len() == 1;
    text.line("BEGIN:VCALENDAR");
    text.line("VERSION:2.0");
    text.line("PRODID:-//Fasti//Fasti//EN");
    text.line(match (is_single, method) {
        (true, Method::Request) => "METHOD:REQUEST",
        (true, Method::Cancel) => "METHOD:CANCEL",
        (false, _) => "METHOD:PUBLISH",
    });
    for entry in entries {
        text.entry(method, entry, (is_single, now));
    }
    text.line("END:VCALENDAR");
    text.0
}

/// The method that a calendar object names.
pub fn method_of(calendar: &str) -> &str {
    let method = calendar
        .lines()
        .find_map(|line| line.strip_prefix("METHOD:"));
    method.unwrap_or("PUBLISH")
}

/// A calendar object as it is sent: folded where a line has more than 75 octets.
pub fn folded(calendar: &str) -> String {
    let mut folded = String::with_capacity(calendar.len());
    for line in calendar.split_inclusive("\r\n") {
        let mut room = 75;
        for letter in line.chars() {
            let octets = if letter.is_control() {
                0
            } else {
                letter.len_utf8()
            };
            if room < octets {
                folded.push_str("\r\n ");
                room = 74;
            }
            room -= octets;
            folded.push(letter);
        }
    }
    folded
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push_str("\r\n");
    }

    fn entry(&mut self, method: Method, entry: &Entry, (is_single, now): (bool, Timestamp)) {
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{}", escaped(&entry.uid)));
        self.line(&format!("SEQUENCE:{}", entry.sequence));
        self.line(&format!("DTSTAMP:{}", utc(now)));
        self.line(&format!("DTSTART:{}", utc(entry.interval.start())));
        self.line(&format!("DTEND:{}", utc(entry.interval.end())));
        self.line(&format!("SUMMARY:{}", escaped(&entry.summary)));
        if let Some(location) = &entry.location {
            self.line(&format!("LOCATION:{}", escaped(location)));
        }
        let (name, email) = &entry.organizer;
        self.person("ORGANIZER", Some(name), email);
        // whoever publishes asks nobody to come (RFC 5546, section 3.2.1)
        for (name, email) in entry.attendees.iter().filter(|_| is_single) {
            self.person("ATTENDEE;PARTSTAT=ACCEPTED", name.as_deref(), email);
        }
        self.line(match method {
            Method::Request => "STATUS:CONFIRMED",
            Method::Cancel => "STATUS:CANCELLED",
        });
        self.line("END:VEVENT");
    }

    fn person(&mut self, role: &str, name: Option<&str>, email: &str) {
        let mut line = role.to_owned();
        if let Some(name) = name {
            line.push_str(";CN=");
            line.push_str(&quoted(name));
        }
        line.push_str(":mailto:");
        line.extend(email.chars().filter(|letter| !letter.is_control()));
        self.line(&line);
    }
}

/// `20260303T090000Z`.
fn utc(instant: Timestamp) -> String {
    wall_time(instant, &TimeZone::UTC)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}

/// Text as a value (RFC 5545, section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Text as the value of a parameter, with what cannot stand there as RFC 6868 says.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '^' => quoted.push_str("^^"),
            '"' => quoted.push_str("^'"),
            '\n' => quoted.push_str("^n"),
            letter if letter.is_control() => {}
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(summary: &str) -> Entry {
        let [start, end] = ["2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z"];
        Entry {
            uid: "1@example.com".to_owned(),
            sequence: 2,
            interval: Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap(),
            summary: summary.to_owned(),
            location: Some("Room 1, 2; 3\\4\nback door".to_owned()),
            organizer: (
                "Ada \"A\" L.\r\nX: y".to_owned(),
                "ada@example.com".to_owned(),
            ),
            attendees: vec![(None, "emmy@example.com".to_owned())],
        }
    }

    #[test]
    fn values_are_escaped_and_nothing_adds_a_line() {
        let text = calendar(
            Method::Request,
            &[entry("a\r\nMETHOD:CANCEL")],
            Timestamp::UNIX_EPOCH,
        );
        let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Fasti//Fasti//EN\r\nMETHOD:REQUEST\r\n\
            BEGIN:VEVENT\r\nUID:1@example.com\r\nSEQUENCE:2\r\nDTSTAMP:19700101T000000Z\r\nDTSTART:20260303T090000Z\r\n\
            DTEND:20260303T093000Z\r\nSUMMARY:a\\nMETHOD:CANCEL\r\nLOCATION:Room 1\\, 2\\; 3\\\\4\\nback door\r\n\
            ORGANIZER;CN=\"Ada ^'A^' L.^nX: y\":mailto:ada@example.com\r\n\
            ATTENDEE;PARTSTAT=ACCEPTED:mailto:emmy@example.com\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(text, expected);
        assert_eq!(method_of(&text), "REQUEST");
    }

    #[test]
    fn long_lines_are_folded_between_letters() {
        let summary = "ä€😀x".repeat(60);
        let unfolded = calendar(Method::Cancel, &[entry(&summary)], Timestamp::UNIX_EPOCH);
        let text = folded(&unfolded);
        assert!(text.split("\r\n").all(|line| line.len() <= 75));
        assert_eq!(text.replace("\r\n ", ""), unfolded);
        assert!(unfolded.contains(&format!("SUMMARY:{summary}\r\n")));
        assert!(unfolded.contains("STATUS:CANCELLED"));
    }

    #[test]
    fn several_meetings_are_published_without_attendees() {
        let text = calendar(
            Method::Cancel,
            &[entry("a"), entry("b")],
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(method_of(&text), "PUBLISH");
        assert_eq!(text.matches("STATUS:CANCELLED").count(), 2);
        assert!(!text.contains("ATTENDEE"));
    }
}
