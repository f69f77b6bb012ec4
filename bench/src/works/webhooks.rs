//! Webhooks to a receiver that refuses three of ten and is killed twice, from a server that is killed in between: what
//! arrives, in which order, and whether the server's log says the same as the receiver's.

mod caller;
mod comparison;

use super::{Bench, Section};
use crate::{
    Failure,
    client::Client,
    database::Engine,
    fasti::Node,
    http,
    organization::{Host, Hours, Organization, id},
    receiver::{KEY, Receiver},
    report::{self, Table, Target},
};
use caller::Caller;
use comparison::{Comparison, Expected};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// So many messages, or a tenth of them.
const MESSAGES: usize = 10_000;

/// Who books, each another host.
const CALLERS: usize = 16;

/// Every so-manieth meeting is canceled.
const CANCELED: usize = 4;

/// How many of ten messages are refused.
const REFUSED: usize = 3;

/// How long the receiver is away.
const AWAY: Duration = Duration::from_secs(1);

/// How long to wait before the same is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// Until then everything must have arrived.
const PATIENCE: Duration = Duration::from_mins(15);

/// A second try comes soon, so that thousands of failures do not take hours.
const ARGUMENTS: [&str; 4] = [
    "--webhook-allow-private",
    "true",
    "--webhook-first-retry",
    "50",
];

/// Does so on each engine.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let messages = if bench.quick { MESSAGES / 10 } else { MESSAGES };
    let mut section = Section {
        text: format!(
            "{CALLERS} connections book, and cancel every {CANCELED}th meeting, which makes {messages} messages. The receiver \
             refuses {REFUSED} of 10 and is killed twice, for {} second each time; in between the server is killed and started \
             again. `webhook_first_retry` is 50 ms. What the killed server had taken, 8 messages at most, is tried again after \
             a minute. Then everything is sent once more to a receiver that takes it, for the rate.",
            AWAY.as_secs()
        ),
        ..Section::default()
    };
    let mut table = Table::new(&[
        "engine",
        "sent",
        "refused",
        "arrived twice",
        "until all had arrived",
        "sent a second",
        "bookings a second",
        "with a subscription",
    ]);
    for engine in &bench.engines {
        let found = Show::prepare(bench, *engine)?.run(messages)?;
        table.row(found.cells(*engine));
        section.targets.extend(found.targets(*engine));
    }
    section.tables.push(table);
    Ok(section)
}

/// What is needed for it.
struct Show {
    organization: Organization,
    node: Option<Node>,
    hosts: Vec<Host>,
    /// The next time that a caller books.
    next: AtomicUsize,
}

struct Found {
    comparison: Comparison,
    /// From the first booking on.
    arrived: Duration,
    /// Messages a second.
    rate: f64,
    /// Bookings a second, without a subscription and with one.
    bookings: [f64; 2],
}

impl Show {
    fn prepare(bench: &Bench, engine: Engine) -> Result<Show, Failure> {
        let program = bench.program.clone().with(&ARGUMENTS);
        let organization = Organization::create(&program, engine)?;
        let node = organization.serve()?;
        let mut client = organization.caller(&node)?;
        let hosts = (0..CALLERS)
            .map(|number| Host::add(&mut client, &format!("host{number}"), Hours::Always))
            .collect::<Result<_, _>>()?;
        Ok(Show {
            organization,
            node: Some(node),
            hosts,
            next: AtomicUsize::new(0),
        })
    }

    fn run(mut self, messages: usize) -> Result<Found, Failure> {
        let measured = messages / 10;
        let without = self.book(measured, 0)?.rate();
        let mut receiver = Receiver::start(0)?;
        let subscription = self.subscribe(&receiver)?;
        let with = self.book(measured, 0)?;
        self.wait_until_sent(&subscription)?;
        let bookings = [without, with.rate()];
        receiver.refuse(REFUSED);
        let began = Instant::now();
        let mut expected = self.disturbed(messages, &mut receiver)?;
        self.wait_until_sent(&subscription)?;
        let arrived = began.elapsed();
        expected.add(with.expected);
        let client = &mut self.caller()?;
        let comparison = Comparison::new(&receiver.received(), (client, &subscription), &expected)?;
        receiver.refuse(0);
        let rate = self.send_again(&subscription, &receiver)?;
        Ok(Found {
            comparison,
            arrived,
            rate,
            bookings,
        })
    }

    fn caller(&self) -> Result<Client, Failure> {
        let node = self.node.as_ref().ok_or("no server runs")?;
        self.organization.caller(node)
    }

    fn subscribe(&self, receiver: &Receiver) -> Result<String, Failure> {
        let mut client = self.caller()?;
        let me = client.read("/users/me")?;
        let body = json!({
            "url": format!("http://{}/", receiver.address),
            "events": ["invitee.created", "invitee.canceled"],
            "organization": me["resource"]["current_organization"],
            "scope": "organization",
            "signing_key": KEY,
        });
        let made = client.make("/webhook_subscriptions", &body)?;
        Ok(format!("/webhook_subscriptions/{}", id(&made["uri"])?))
    }

    /// Books and cancels while receiver and server are killed.
    fn disturbed(&mut self, messages: usize, receiver: &mut Receiver) -> Result<Expected, Failure> {
        let before = receiver.count();
        let share = |tenths: usize| before + messages * tenths / 10;
        let address = self.node.as_ref().ok_or("no server runs")?.address;
        let node = self.node.take();
        let (booked, node) = thread::scope(|scope| {
            let show = &*self;
            let bookings = messages * CANCELED / (CANCELED + 1);
            let booking = scope.spawn(move || show.book_at(address, bookings, CANCELED));
            wait_for(receiver, share(2))?;
            receiver.kill();
            thread::sleep(AWAY);
            receiver.revive()?;
            wait_for(receiver, share(4))?;
            drop(node);
            let node = show.organization.serve_at(address)?;
            wait_for(receiver, share(6))?;
            receiver.kill();
            thread::sleep(AWAY);
            receiver.revive()?;
            let booked = booking.join().map_err(|_panic| "the callers panicked")??;
            Ok::<_, Failure>((booked, node))
        })?;
        self.node = Some(node);
        Ok(booked.expected)
    }

    fn book(&self, bookings: usize, canceled: usize) -> Result<Booked, Failure> {
        let node = self.node.as_ref().ok_or("no server runs")?;
        self.book_at(node.address, bookings, canceled)
    }

    /// Books so many times in all, and cancels every so-manieth of them, if any.
    fn book_at(
        &self,
        address: SocketAddr,
        bookings: usize,
        canceled: usize,
    ) -> Result<Booked, Failure> {
        let began = Instant::now();
        let each = bookings / CALLERS;
        let first = self.next.fetch_add(each, Ordering::Relaxed);
        let expected = thread::scope(|scope| {
            let callers: Vec<_> = self
                .hosts
                .iter()
                .map(|host| {
                    let token = &self.organization.token;
                    let mut caller = Caller::new(address, token);
                    scope.spawn(move || {
                        caller.book_all(host, first..first + each, canceled)?;
                        Ok::<_, Failure>(caller.expected)
                    })
                })
                .collect();
            let mut all = Expected::default();
            for caller in callers {
                all.add(caller.join().map_err(|_panic| "a caller panicked")??);
            }
            Ok::<_, Failure>(all)
        })?;
        Ok(Booked {
            expected,
            bookings: each * CALLERS,
            duration: began.elapsed(),
        })
    }

    /// Waits until no message waits any more.
    fn wait_until_sent(&self, subscription: &str) -> Result<(), Failure> {
        let mut client = self.caller()?;
        let waiting = format!("{subscription}/deliveries?status=waiting&count=1");
        let began = Instant::now();
        let mut quiet = 0;
        // what happened last may have no place in the feed yet
        while quiet < 40 {
            let is_empty = client.read(&waiting)?["collection"] == json!([]);
            quiet = if is_empty { quiet + 1 } else { 0 };
            if began.elapsed() > PATIENCE {
                return Err("webhooks do not arrive".into());
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Sends everything again; how much arrives in a second.
    fn send_again(&self, subscription: &str, receiver: &Receiver) -> Result<f64, Failure> {
        let mut client = self.caller()?;
        let before = receiver.count();
        let body = json!({"since": "2000-01-01T00:00:00Z"}).to_string();
        let path = format!("{subscription}/redelivery");
        let token = &self.organization.token;
        let began = Instant::now();
        let answer = client.send(&http::with_body("POST", &path, token, &body))?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        let count = answer["resource"]["count"].as_u64();
        let count = usize::try_from(count.ok_or("nothing is sent again")?)?;
        wait_for(receiver, before + count)?;
        Ok(f64::from(u32::try_from(count)?) / began.elapsed().as_secs_f64())
    }
}

fn wait_for(receiver: &Receiver, count: usize) -> Result<(), Failure> {
    let began = Instant::now();
    while receiver.count() < count {
        if began.elapsed() > PATIENCE {
            return Err(format!("{} of {count} messages came", receiver.count()).into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

struct Booked {
    expected: Expected,
    bookings: usize,
    duration: Duration,
}

impl Booked {
    fn rate(&self) -> f64 {
        let bookings = u32::try_from(self.bookings).unwrap_or(u32::MAX);
        f64::from(bookings) / self.duration.as_secs_f64()
    }
}

impl Found {
    fn cells(&self, engine: Engine) -> Vec<String> {
        let [without, with] = self.bookings;
        vec![
            engine.name().to_owned(),
            self.comparison.sent.to_string(),
            self.comparison.refused.to_string(),
            self.comparison.twice.to_string(),
            report::time(self.arrived),
            format!("{:.0}", self.rate),
            format!("{without:.0}"),
            format!("{with:.0}"),
        ]
    }

    fn targets(&self, engine: Engine) -> Vec<Target> {
        let found = &self.comparison;
        let rows = [
            ("messages that did not arrive", found.missing),
            ("messages out of order", found.disordered),
            ("signatures that are wrong", found.unsigned),
            (
                "answers that the log has and the receiver has not",
                found.invented,
            ),
            (
                "answers that the receiver has and the log has not, but for 8 of the kill",
                found.unknown.saturating_sub(8),
            ),
        ];
        rows.into_iter()
            .map(|(what, count)| {
                let what = format!("Webhooks, {}: {what}", engine.name());
                Target::none(what, u64::try_from(count).unwrap_or(u64::MAX))
            })
            .collect()
    }
}
