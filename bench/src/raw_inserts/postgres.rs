//! Raw inserts into PostgreSQL. All statements of a transaction are sent at once, so it takes one round trip.

use super::{BATCH, Counter, Inserted, Plan, Values, Waiting, call, inserted, statements};
use crate::{Failure, database::Database, fill::Meeting};
use futures_util::future::{join, try_join_all, try_join3, try_join4};
use std::{
    cell::RefCell,
    time::{Duration, Instant, SystemTime},
};
use tokio::{runtime::Builder, sync::mpsc};
use tokio_postgres::{Client, Error, Statement};

/// A connection with the statements prepared.
struct Connection {
    client: Client,
    statements: [Statement; 4],
}

/// Each caller has a connection, and each meeting a transaction.
pub fn one_by_one(
    database: &Database,
    meeting: &Meeting,
    plan: Plan,
    counter: &mut Counter,
) -> Result<Inserted, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let connections = (0..plan.callers).map(|_| Connection::open(database, meeting));
        let connections = try_join_all(connections).await?;
        let shared = (RefCell::new(counter), RefCell::new(Vec::new()));
        let began = Instant::now();
        let caller = |connection: Connection| {
            let (counter, latencies) = &shared;
            async move {
                while began.elapsed() < plan.measured {
                    let values = counter.borrow_mut().next(plan.monday);
                    let asked = Instant::now();
                    connection.commit([values].iter()).await?;
                    latencies.borrow_mut().push(asked.elapsed());
                }
                Ok::<(), Error>(())
            }
        };
        try_join_all(connections.into_iter().map(caller)).await?;
        Ok(inserted(began, shared.1.into_inner()))
    })
}

/// Whoever waits shares a transaction on one connection.
pub fn in_batches(
    database: &Database,
    meeting: &Meeting,
    plan: Plan,
    counter: &mut Counter,
) -> Result<Inserted, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let connection = Connection::open(database, meeting).await?;
        let (queue, waiting) = mpsc::channel(BATCH);
        let (written, inserted) = join(connection.write(waiting), call(plan, counter, queue)).await;
        written?;
        Ok(inserted)
    })
}

impl Connection {
    async fn open(database: &Database, meeting: &Meeting) -> Result<Connection, Failure> {
        let client = database.client().await?;
        let [event, host, busy, invitee] = statements(meeting)?;
        let prepared = try_join4(
            client.prepare(&event),
            client.prepare(&host),
            client.prepare(&busy),
            client.prepare(&invitee),
        );
        let prepared: [Statement; 4] = prepared.await?.into();
        Ok(Connection {
            client,
            statements: prepared,
        })
    }

    async fn write(&self, mut waiting: mpsc::Receiver<Waiting>) -> Result<(), Error> {
        let mut batch = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut batch, BATCH).await > 0 {
            self.commit(batch.iter().map(|waiting: &Waiting| &waiting.values))
                .await?;
            for waiting in batch.drain(..) {
                waiting.done.send(()).ok();
            }
        }
        Ok(())
    }

    async fn commit(&self, meetings: impl Iterator<Item = &Values>) -> Result<(), Error> {
        let inserts = meetings.map(|values| self.insert(*values));
        // polled in this order, so sent in this order
        try_join3(
            self.client.batch_execute("begin"),
            try_join_all(inserts),
            self.client.batch_execute("commit"),
        )
        .await?;
        Ok(())
    }

    async fn insert(&self, values: Values) -> Result<(), Error> {
        let instant =
            |seconds: i64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs());
        let (start, end) = (instant(values.start), instant(values.end));
        let [event, host, busy, invitee] = &self.statements;
        try_join4(
            self.client
                .execute(event, &[&values.event, &values.host, &start, &end]),
            self.client
                .execute(host, &[&values.event, &values.host, &start]),
            self.client
                .execute(busy, &[&values.event, &values.host, &start, &end]),
            self.client
                .execute(invitee, &[&values.event, &values.invitee]),
        )
        .await?;
        Ok(())
    }
}
