//! What the callers were told, what the receiver got, and what the server's log says, against each other.

use crate::{Failure, client::Client, organization::id, receiver::Received};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What was acknowledged: the invitees who booked, and those of them who were canceled.
#[derive(Default)]
pub struct Expected {
    /// Who booked.
    pub created: BTreeSet<String>,
    /// Who was canceled.
    pub canceled: BTreeSet<String>,
}

impl Expected {
    /// Both together.
    pub fn add(&mut self, mut other: Expected) {
        self.created.append(&mut other.created);
        self.canceled.append(&mut other.canceled);
    }
}

/// What differs, and how much there was.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Messages in the log.
    pub sent: usize,
    /// Answers that were refusals.
    pub refused: usize,
    /// Messages that were taken more than once.
    pub twice: usize,
    /// What was acknowledged and never taken, or is not delivered by the log.
    pub missing: usize,
    /// Invitees of whom something later was taken first.
    pub disordered: usize,
    /// Wrong signatures.
    pub unsigned: usize,
    /// Answers of the log that the receiver knows nothing of.
    pub invented: usize,
    /// Answers of the receiver that the log knows nothing of.
    pub unknown: usize,
}

/// How often each message was answered so.
type Answers = BTreeMap<(String, u64), usize>;

impl Comparison {
    /// Compares them.
    pub fn new(
        received: &[Received],
        (client, subscription): (&mut Client, &str),
        expected: &Expected,
    ) -> Result<Comparison, Failure> {
        let mut found = Comparison::default();
        found.of_receiver(received, expected);
        let mut answered = Answers::new();
        for one in received {
            let key = (one.message.clone(), u64::from(one.status));
            *answered.entry(key).or_default() += 1;
        }
        let logged = found.logged(client, subscription)?;
        let surplus = |these: &Answers, those: &Answers| -> usize {
            let counts = these.iter();
            counts
                .map(|(key, count)| count.saturating_sub(those.get(key).copied().unwrap_or(0)))
                .sum()
        };
        found.invented = surplus(&logged, &answered);
        found.unknown = surplus(&answered, &logged);
        Ok(found)
    }

    fn of_receiver(&mut self, received: &[Received], expected: &Expected) {
        let mut taken: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut known = BTreeSet::new();
        for one in received {
            self.unsigned += usize::from(!one.is_signed);
            if one.status != 200 {
                self.refused += 1;
            } else if known.insert(&one.message) {
                taken.entry(&one.invitee).or_default().push(&one.event);
            } else {
                self.twice += 1;
            }
        }
        let is_missing = |invitee: &&String, event: &str| {
            let events = taken.get(invitee.as_str());
            !events.is_some_and(|events| events.contains(&event))
        };
        let created = expected.created.iter();
        let canceled = expected.canceled.iter();
        self.missing += created
            .filter(|it| is_missing(it, "invitee.created"))
            .count();
        self.missing += canceled
            .filter(|it| is_missing(it, "invitee.canceled"))
            .count();
        let orders = [
            &["invitee.created"][..],
            &["invitee.created", "invitee.canceled"],
        ];
        let disordered = taken.values().filter(|it| !orders.contains(&it.as_slice()));
        self.disordered = disordered.count();
    }

    /// The answers in the log, of all messages.
    fn logged(&mut self, client: &mut Client, subscription: &str) -> Result<Answers, Failure> {
        let mut logged = Answers::new();
        let mut page = format!("{subscription}/deliveries?count=100");
        loop {
            let deliveries = client.read(&page)?;
            for delivery in deliveries["collection"].as_array().into_iter().flatten() {
                self.sent += 1;
                self.missing += usize::from(delivery["status"] != "delivered");
                let message = id(&delivery["uri"])?;
                let log = client.read(&format!("{subscription}/deliveries/{message}"))?;
                let attempts = log["resource"]["log"].as_array().into_iter().flatten();
                for status in attempts.filter_map(|attempt| attempt["status"].as_u64()) {
                    *logged.entry((message.clone(), status)).or_default() += 1;
                }
            }
            let Value::String(token) = &deliveries["pagination"]["next_page_token"] else {
                return Ok(logged);
            };
            page = format!("{subscription}/deliveries?count=100&page_token={token}");
        }
    }
}
