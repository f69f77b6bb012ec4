//! The mails about meetings: each invitee, guest and host gets one, however many meetings it is about.

use super::{
    calendar::{Entry, Method, calendar},
    draft::Draft,
    letter::{Letter, one_line},
    meetings::Meeting,
    when::{at, when},
    words::Telling,
};
use crate::app::{invitees::Answer, mail_occasions::News};
use domain::{civil, id::UserId};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use store::{StoreError, scheduled_events::ListedHost, users::User};

/// What mails about meetings have in common.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// What happened.
    pub news: News,
    /// When.
    pub at: Timestamp,
    /// The domain by which meetings are named.
    pub domain: &'a str,
}

impl Issue<'_> {
    /// The mails to invitees and their guests.
    pub fn to_invitees(self, meetings: &[Meeting]) -> Vec<Draft> {
        let mut readers: Vec<Reader<'_>> = Vec::new();
        for meeting in meetings {
            add(&mut readers, &meeting.invitee.email, (meeting, false));
        }
        for meeting in meetings {
            for guest in &meeting.guests {
                add(&mut readers, guest, (meeting, true));
            }
        }
        readers
            .iter()
            .filter_map(|it| self.to_invitee(it))
            .collect()
    }

    fn to_invitee(self, reader: &Reader<'_>) -> Option<Draft> {
        let first = *reader.meetings.first()?;
        let zone = zone(&first.invitee.timezone);
        let telling = self.telling(&reader.meetings);
        let (heading, opening) = telling.to_invitee(first);
        let host = first.listed.hosts.first();
        let mut letter = Letter {
            heading: one_line(&format!(
                "{heading}: {} with {}",
                first.listed.event.name,
                first.host_names()
            )),
            opening: one_line(&opening),
            rows: Vec::new(),
            closing: host
                .map(|host| one_line(&format!("Answer this mail to reach {}.", host.name))),
        };
        self.facts(&mut letter, &reader.meetings, &zone);
        letter.row("Host", [first.host_names()]);
        if reader.is_guest {
            letter.row("Booked by", [first.invitee.name.clone()]);
        }
        letter.row(
            "Guests",
            unique(reader.meetings.iter().flat_map(|it| it.guests.clone())),
        );
        self.reasons(&mut letter, first);
        Some(Draft {
            to: reader.address.to_owned(),
            reply_to: host.map(|host| (host.name.clone(), host.email.clone())),
            letter,
            calendar: self.calendar(&reader.meetings, telling.waits),
            secret: None,
            on_behalf_of: host.map(|host: &ListedHost| (host.id, host.email.clone())),
            meeting: Some(first.about.clone()),
            about_id: first.origin.0.0,
        })
    }

    /// The mail to a host of some of the meetings.
    pub fn to_host(self, host: &User, all: &[Meeting]) -> Result<Option<Draft>, StoreError> {
        let hosted =
            |id: UserId| move |it: &&Meeting| it.listed.hosts.iter().any(|host| host.id == id);
        let meetings: Vec<&Meeting> = all.iter().filter(hosted(host.id)).collect();
        let Some(first) = meetings.first() else {
            return Ok(None);
        };
        let Some((heading, opening)) = self.telling(&meetings).to_host(first) else {
            return Ok(None);
        };
        let zone = zone(&host.timezone);
        let invitees = unique(meetings.iter().map(|it| it.invitee.name.clone()));
        let mut letter = Letter {
            heading: one_line(&format!(
                "{heading}: {} with {}",
                first.listed.event.name,
                invitees.join(", ")
            )),
            opening: one_line(&opening),
            rows: Vec::new(),
            closing: (invitees.len() == 1).then(|| {
                one_line(&format!(
                    "Answer this mail to reach {}.",
                    first.invitee.name
                ))
            }),
        };
        self.facts(&mut letter, &meetings, &zone);
        if let (true, Some(by)) = (self.telling(&meetings).waits, first.listed.event.confirm_by) {
            letter.row("Confirm before", [at(by, &zone)]);
        }
        let people = meetings
            .iter()
            .map(|it| format!("{} <{}>", it.invitee.name, it.invitee.email));
        letter.row("Invitee", unique(people));
        letter.row(
            "Guests",
            unique(meetings.iter().flat_map(|it| it.guests.clone())),
        );
        if invitees.len() == 1 {
            letter.row("Answers", answers(first)?);
        }
        self.reasons(&mut letter, first);
        Ok(Some(Draft {
            to: host.email.clone(),
            reply_to: (invitees.len() == 1)
                .then(|| (first.invitee.name.clone(), first.invitee.email.clone())),
            letter,
            calendar: None,
            secret: None,
            on_behalf_of: None,
            meeting: Some(first.about.clone()),
            about_id: first.origin.0.0,
        }))
    }

    fn telling(&self, meetings: &[&Meeting]) -> Telling {
        let waits = |it: &&Meeting| {
            let event = &it.listed.event;
            // one that was confirmed meanwhile is a mail of its own
            let confirmed = self.news == News::Booked && event.confirmed_at.is_some();
            event.confirm_by.is_some() || confirmed
        };
        let times = unique(meetings.iter().map(|it| it.listed.event.id.to_string()));
        Telling {
            news: self.news,
            waits: meetings.iter().any(waits),
            meetings: times.len(),
        }
    }

    fn facts(&self, letter: &mut Letter, meetings: &[&Meeting], zone: &TimeZone) {
        letter.row(
            "What",
            unique(meetings.iter().map(|it| it.listed.event.name.clone())),
        );
        letter.row(
            "When",
            unique(meetings.iter().map(|it| when(it.interval(), zone))),
        );
        if self.news == News::Moved {
            let before = meetings.iter().filter_map(|it| it.before.as_ref());
            letter.row(
                "Before",
                unique(before.map(|old| when(old.state.interval, zone))),
            );
        }
        letter.row("Where", unique(meetings.iter().flat_map(|it| it.place())));
    }

    /// By whom and why it was canceled or moved.
    fn reasons(&self, letter: &mut Letter, meeting: &Meeting) {
        let document = match self.news {
            News::Canceled | News::Declined => meeting.invitee.cancellation.as_ref(),
            News::Moved => meeting
                .before
                .as_ref()
                .and_then(|old| old.cancellation.as_ref()),
            News::Booked | News::Confirmed | News::Lapsed => None,
        };
        let text = |key: &str| document?.get(key)?.as_str().map(str::to_owned);
        let filled = |text: &String| !text.trim().is_empty();
        letter.row("By", text("canceled_by").filter(filled));
        letter.row("Reason", text("reason").filter(filled));
    }

    /// What the calendars of invitees and guests learn.
    fn calendar(&self, meetings: &[&Meeting], waits: bool) -> Option<String> {
        let current = |changes: u32| {
            let entry =
                |it: &&Meeting| it.entry(it.interval(), 2 * it.origin.1 + changes, self.domain);
            meetings.iter().map(entry).collect::<Vec<Entry>>()
        };
        let (method, entries) = match (self.news, waits) {
            (News::Booked | News::Moved, false) | (News::Confirmed, _) => {
                (Method::Request, current(0))
            }
            (News::Canceled, false) => (Method::Cancel, current(1)),
            (News::Moved, true) => {
                // the old time, unless that was not confirmed either
                let old = meetings.iter().filter_map(|it| {
                    let old = it.before.as_ref().filter(|old| old.confirm_by.is_none())?;
                    let changes = (2 * it.origin.1).saturating_sub(1);
                    Some(it.entry(old.state.interval, changes, self.domain))
                });
                (Method::Cancel, old.collect())
            }
            // nobody was told to take it in
            (News::Booked | News::Canceled, true) | (News::Declined | News::Lapsed, _) => {
                return None;
            }
        };
        (!entries.is_empty()).then(|| calendar(method, &entries, self.at))
    }
}

/// Whoever gets a mail as an invitee or as a guest.
struct Reader<'a> {
    address: &'a str,
    is_guest: bool,
    meetings: Vec<&'a Meeting>,
}

fn add<'a>(
    readers: &mut Vec<Reader<'a>>,
    address: &'a str,
    (meeting, is_guest): (&'a Meeting, bool),
) {
    let known = readers
        .iter_mut()
        .find(|reader| reader.address.eq_ignore_ascii_case(address));
    match known {
        None => readers.push(Reader {
            address,
            is_guest,
            meetings: vec![meeting],
        }),
        // whoever books does not come as a guest as well
        Some(known) if known.is_guest == is_guest => known.meetings.push(meeting),
        Some(_) => {}
    }
}

#[derive(Deserialize)]
struct Answers(Vec<Answer>);

fn answers(meeting: &Meeting) -> Result<Vec<String>, StoreError> {
    let id = meeting.invitee.id;
    let document = meeting.invitee.questions_and_answers.clone();
    let Answers(answers) = serde_json::from_value(document)
        .map_err(|error| StoreError::corrupt("invitees", "questions_and_answers", id, error))?;
    let answers = answers.into_iter();
    Ok(answers
        .map(|answer| format!("{}: {}", answer.question, answer.answer))
        .collect())
}

fn zone(name: &str) -> TimeZone {
    civil::zone(name).unwrap_or(TimeZone::UTC)
}

fn unique(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for one in all {
        if !unique.contains(&one) {
            unique.push(one);
        }
    }
    unique
}
