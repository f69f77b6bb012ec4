//! How nodes that share a database tell each other what they have counted.

use super::{
    RateLimits,
    counts::{Counts, Minute},
    read,
};
use crate::context::App;
use domain::id::UserId;
use jiff::SignedDuration;
use std::{
    convert::Infallible,
    sync::{Arc, PoisonError},
    time::Duration,
};
use store::{
    Command, Engine, StoreError, WriteError, WriteTx,
    error::chain,
    request_counts::{self, Counted},
};

/// How often counts are exchanged. What all nodes let through within this time may exceed a limit.
const INTERVAL: Duration = Duration::from_millis(250);

/// Exchanges counts for as long as the process runs.
pub async fn exchange_counts(app: App) {
    let limits = &app.rate_limits;
    if !limits.are_set() {
        return;
    }
    let mut works = true;
    let mut cleared = Minute::of(app.now()).number;
    loop {
        tokio::time::sleep(INTERVAL).await;
        let exchanged = limits.exchange(&app).await;
        match &exchanged {
            Err(error) if works => {
                let error = chain(error);
                tracing::warn!(
                    error,
                    "nodes do not hear of each other's requests, limits hold for each alone"
                );
            }
            Ok(()) if !works => tracing::info!("nodes hear of each other's requests again"),
            _ => {}
        }
        works = exchanged.is_ok();
        let minute = Minute::of(app.now()).number;
        if minute > cleared {
            cleared = minute;
            limits.forget_before(minute);
        }
    }
}

impl RateLimits {
    /// Tells the other nodes what was counted here and learns what was counted there. A node without others need not.
    pub async fn exchange(&self, app: &App) -> Result<(), StoreError> {
        if app.store.unrecorded().engine() == Engine::Sqlite {
            return Ok(());
        }
        let minute = Minute::of(app.now());
        let news = self.news(minute.number);
        if news.is_empty() {
            return Ok(());
        }
        let command = AddCounts {
            minute,
            counted: news
                .iter()
                .map(|news| news.counted(minute.number))
                .collect(),
        };
        let totals = app
            .store
            .unrecorded()
            .write(command)
            .await
            .map_err(failure)?;
        for (news, total) in news.iter().zip(totals) {
            let counts = &news.counts;
            counts
                .requests
                .learn(minute.number, news.requests, number(total.requests));
            counts
                .bookings
                .learn(minute.number, news.bookings, number(total.bookings));
        }
        Ok(())
    }

    /// The users of whom the others do not know all, in the order of their ids, in which all nodes lock their rows.
    fn news(&self, minute: u32) -> Vec<News> {
        let mut news = Vec::new();
        for table in &self.users {
            let table = read(table);
            let of_table = table
                .iter()
                .map(|(user, counts)| News::of(*user, counts, minute));
            news.extend(of_table.filter(|news| news.is_news(minute)));
        }
        news.sort_by_key(|news| (news.counts.organization, news.user));
        news
    }

    /// Forgets users who have sent nothing in the minute before `minute`.
    fn forget_before(&self, minute: u32) {
        for table in &self.users {
            let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
            table.retain(|_, counts| {
                counts.requests.is_since(minute - 1) || counts.bookings.is_since(minute - 1)
            });
        }
    }
}

/// What a user has sent to this node.
struct News {
    user: UserId,
    counts: Arc<Counts>,
    requests: u32,
    bookings: u32,
}

impl News {
    fn of(user: UserId, counts: &Arc<Counts>, minute: u32) -> News {
        News {
            user,
            counts: counts.clone(),
            requests: counts.requests.here(minute),
            bookings: counts.bookings.here(minute),
        }
    }

    fn is_news(&self, minute: u32) -> bool {
        self.requests > self.counts.requests.told(minute)
            || self.bookings > self.counts.bookings.told(minute)
    }

    fn counted(&self, minute: u32) -> Counted {
        let more = |here: u32, told: u32| i64::from(here.saturating_sub(told));
        Counted {
            organization: self.counts.organization,
            user: self.user,
            requests: more(self.requests, self.counts.requests.told(minute)),
            bookings: more(self.bookings, self.counts.bookings.told(minute)),
        }
    }
}

fn number(total: i64) -> u32 {
    u32::try_from(total).unwrap_or(u32::MAX)
}

fn failure(error: WriteError<Infallible>) -> StoreError {
    match error {
        WriteError::Failed(failure) => failure,
        WriteError::Refused(never) => match never {},
    }
}

/// Adds what was counted and returns what all nodes have counted. Should its commit be lost it may count twice.
struct AddCounts {
    minute: Minute,
    counted: Vec<Counted>,
}

impl Command for AddCounts {
    type Output = Vec<Counted>;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Vec<Counted>, WriteError<Infallible>> {
        let start = self.minute.start();
        // a node whose clock is a little behind still counts in the minute before
        request_counts::forget_before(tx, start - SignedDuration::from_mins(1)).await?;
        Ok(request_counts::add(tx, start, &self.counted).await?)
    }
}
