//! How slow a client may be.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long the server waits for a client, and how much of its memory does.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Between two requests. Longer than the minute for which proxies like to keep a connection, so that they are the
    /// ones who close it, and never while they send the next request.
    pub idle: Duration,
    /// For the head of a request, from its first byte to its last.
    pub head: Duration,
    /// Within this time a client must take or send…
    pub window: Duration,
    /// …at least so many bytes of an answer or a body, or all that is left of it.
    pub least: usize,
    /// So many bytes of answers may wait for all clients together.
    pub untaken: usize,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            idle: Duration::from_secs(75),
            head: Duration::from_secs(15),
            window: Duration::from_secs(20),
            least: 10 << 10,
            untaken: 256 << 20,
        }
    }
}

/// The longest wait for the request of a connection for which there is no room.
const IN_A_CROWD: Duration = Duration::from_secs(5);

impl Patience {
    /// The same, or less in a crowd.
    pub(super) fn of(self, crowded: bool) -> Patience {
        if !crowded {
            return self;
        }
        Patience {
            idle: self.idle.min(IN_A_CROWD),
            head: self.head.min(IN_A_CROWD),
            ..self
        }
    }
}

/// What a client has moved since a window of time began.
#[derive(Debug)]
pub(super) struct Progress {
    began: Instant,
    moved: usize,
}

impl Progress {
    pub fn new() -> Progress {
        Progress {
            began: Instant::now(),
            moved: 0,
        }
    }

    pub fn add(&mut self, bytes: usize) {
        self.moved += bytes;
    }

    /// Ready once the client has moved too little for a whole window.
    pub fn poll_too_slow(
        &mut self,
        patience: &Patience,
        alarm: &mut Alarm,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        while alarm
            .poll_at(self.began + patience.window, context)
            .is_ready()
        {
            if self.moved < patience.least {
                return Poll::Ready(());
            }
            *self = Progress::new();
        }
        Poll::Pending
    }
}

/// Wakes a task when its time has come. It may wake it earlier: to look again costs less than to move a timer with
/// every request.
#[derive(Debug, Default)]
pub(super) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Ready at `time`; pending, and sure to wake the task until then, before.
    pub fn poll_at(&mut self, time: Instant, context: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(time)));
        if sleep.deadline() > time {
            sleep.as_mut().reset(time);
        }
        while sleep.as_mut().poll(context).is_ready() {
            if Instant::now() >= time {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(time);
        }
        Poll::Pending
    }
}
