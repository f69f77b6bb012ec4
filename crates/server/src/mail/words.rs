//! What is said of meetings, to invitees and to hosts.

use super::meetings::Meeting;
use crate::app::mail_occasions::News;

/// The first part of the heading, and the sentence under it.
pub type Words = (&'static str, String);

/// The news, whether a host has to confirm it first, and how many meetings it is about.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// The news.
    pub news: News,
    /// Whether a host has to confirm it.
    pub waits: bool,
    /// How many meetings.
    pub meetings: usize,
}

/// `Your meeting is`, or `Your 3 meetings are`.
fn subject(start: &str, meetings: usize, verbs: (&str, &str)) -> String {
    if meetings == 1 {
        format!("{start} meeting {}", verbs.0)
    } else {
        format!("{start} {meetings} meetings {}", verbs.1)
    }
}

impl Telling {
    /// What invitees and their guests read.
    pub fn to_invitee(self, meeting: &Meeting) -> Words {
        let host = meeting.host_names();
        let yours = |verbs| subject("Your", self.meetings, verbs);
        match (self.news, self.waits) {
            (News::Booked, false) => ("Confirmed", format!("{} booked.", yours(("is", "are")))),
            (News::Booked, true) => (
                "Waiting for confirmation",
                format!(
                    "{} kept for you until {host} confirms or declines. You will hear of it.",
                    yours(("is", "are"))
                ),
            ),
            (News::Confirmed, _) => ("Confirmed", format!("{} confirmed.", yours(("is", "are")))),
            (News::Moved, false) => (
                "New time",
                format!("{} a new time.", yours(("has", "have"))),
            ),
            (News::Moved, true) => (
                "Waiting for confirmation of a new time",
                format!(
                    "{} given up the old time. {host} has to confirm the new one. You will hear of it.",
                    yours(("has", "have"))
                ),
            ),
            (News::Canceled, _) => ("Canceled", format!("{} canceled.", yours(("is", "are")))),
            (News::Declined, _) => ("Declined", format!("{host} cannot take this meeting.")),
            (News::Lapsed, _) => (
                "Not confirmed",
                format!(
                    "{} not confirmed in time and {} not take place.",
                    yours(("was", "were")),
                    if self.meetings == 1 { "does" } else { "do" }
                ),
            ),
        }
    }

    /// What hosts read; nothing where it was their own doing alone.
    pub fn to_host(self, meeting: &Meeting) -> Option<Words> {
        let invitee = &meeting.invitee.name;
        let theirs = |verbs| subject("The", self.meetings, verbs);
        let meetings = match self.meetings {
            1 => "a meeting".to_owned(),
            several => format!("{several} meetings"),
        };
        Some(match (self.news, self.waits) {
            (News::Booked, false) => ("Booked", format!("{invitee} booked {meetings} with you.")),
            (News::Booked, true) => (
                "Please confirm",
                format!(
                    "{invitee} asks you for {meetings}. What nobody confirms does not take place."
                ),
            ),
            (News::Confirmed, _) => return None,
            (News::Moved, false) => (
                "New time",
                format!("{} a new time.", theirs(("has", "have"))),
            ),
            (News::Moved, true) => (
                "Please confirm a new time",
                format!(
                    "{invitee} asks you for a new time. What nobody confirms does not take place."
                ),
            ),
            (News::Canceled, _) => ("Canceled", format!("{} canceled.", theirs(("is", "are")))),
            (News::Declined, _) => ("Declined", format!("{} declined.", theirs(("is", "are")))),
            (News::Lapsed, _) => (
                "Not confirmed",
                format!("{} not confirmed in time.", theirs(("was", "were"))),
            ),
        })
    }
}
