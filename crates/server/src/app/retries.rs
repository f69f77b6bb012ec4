//! Trying what others may not take at once: by one node at a time, later and later, for three days. One rule for webhooks
//! and mails.

use jiff::{SignedDuration, Timestamp};
use store::StoreError;

/// For so long something is tried.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(72);

/// The longest pause between two attempts.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// What is being tried belongs to whoever tries it for so long.
const LEASE: SignedDuration = SignedDuration::from_mins(1);

/// Until when what is taken now belongs to whoever takes it.
pub fn leased_until(now: Timestamp) -> Result<Timestamp, StoreError> {
    now.saturating_add(LEASE).map_err(StoreError::invalid)
}

/// An attempt that did not succeed.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// 1, 2, 3 …
    pub number: i64,
    /// Since when it is tried.
    pub since: Timestamp,
    /// The pause after the first one.
    pub first_pause: SignedDuration,
    /// A random share, from 0 to 1, by which pauses differ.
    pub jitter: f64,
    /// The present.
    pub now: Timestamp,
}

impl Attempt {
    /// When the next one is due.
    pub fn next(&self) -> Result<Timestamp, StoreError> {
        let pause = pause(self.first_pause, self.number, self.jitter);
        self.now.saturating_add(pause).map_err(StoreError::invalid)
    }

    /// Whether it was tried for long enough.
    pub fn is_last(&self) -> Result<bool, StoreError> {
        Ok(TRIED_FOR < self.next()?.duration_since(self.since))
    }
}

/// The pause after so many attempts: twice as long each time, and a fifth shorter or longer, so that what failed at once
/// is not tried again at once.
fn pause(first: SignedDuration, attempts: i64, jitter: f64) -> SignedDuration {
    let doubled = i32::try_from(attempts - 1).unwrap_or(i32::MAX).clamp(0, 30);
    let pause = first.as_secs_f64() * 2_f64.powi(doubled);
    let pause = pause.min(LONGEST_PAUSE.as_secs_f64()) * (0.8 + 0.4 * jitter.clamp(0.0, 1.0));
    SignedDuration::try_from_secs_f64(pause).unwrap_or(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_an_hour() {
        let first = SignedDuration::from_secs(2);
        let seconds = |attempts, jitter| pause(first, attempts, jitter).as_secs_f64();
        assert!((seconds(1, 0.5) - 2.0).abs() < 1e-6);
        assert!((seconds(2, 0.5) - 4.0).abs() < 1e-6);
        assert!((seconds(5, 0.0) - 25.6).abs() < 1e-6);
        assert!((seconds(5, 1.0) - 38.4).abs() < 1e-6);
        for attempts in [12, 13, 1000, i64::MAX] {
            assert!((seconds(attempts, 0.5) - 3600.0).abs() < 1e-6);
        }
    }
}
