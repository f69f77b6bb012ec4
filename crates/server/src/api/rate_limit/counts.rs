//! What one user has sent within a minute.

use domain::id::OrganizationId;
use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};

/// A minute since 1970 and how much is left of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Minute {
    pub number: u32,
    pub seconds_left: u64,
}

impl Minute {
    pub fn of(now: Timestamp) -> Minute {
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        Minute {
            number: u32::try_from(seconds / 60).unwrap_or(u32::MAX),
            seconds_left: 60 - seconds % 60,
        }
    }

    /// When it began.
    pub fn start(self) -> Timestamp {
        Timestamp::from_second(i64::from(self.number) * 60).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// What a user has sent.
#[derive(Debug)]
pub(super) struct Counts {
    pub organization: OrganizationId,
    pub requests: Count,
    pub bookings: Count,
}

impl Counts {
    pub fn new(organization: OrganizationId) -> Counts {
        Counts {
            organization,
            requests: Count::default(),
            bookings: Count::default(),
        }
    }
}

/// One count of the present minute. It is known in three parts, each with its minute, so that a new minute begins
/// without anybody's doing.
#[derive(Debug, Default)]
pub(super) struct Count {
    /// What came to this node.
    here: InMinute,
    /// How much of that the other nodes were told.
    told: InMinute,
    /// What came to them, as far as is known.
    elsewhere: InMinute,
}

impl Count {
    /// Counts one more and returns how many are left, unless there are none.
    pub fn add(&self, minute: u32, limit: u32) -> Option<u32> {
        let room = limit.saturating_sub(self.elsewhere.get(minute));
        self.here
            .increment(minute, room)
            .map(|counted| room - counted)
    }

    /// What came to this node.
    pub fn here(&self, minute: u32) -> u32 {
        self.here.get(minute)
    }

    /// What the other nodes were told of it.
    pub fn told(&self, minute: u32) -> u32 {
        self.told.get(minute)
    }

    /// The other nodes know now of `here`, and all nodes together had `total`.
    pub fn learn(&self, minute: u32, here: u32, total: u32) {
        self.told.set(minute, here);
        self.elsewhere.set(minute, total.saturating_sub(here));
    }

    /// Whether anything was counted in this minute or later.
    pub fn is_since(&self, minute: u32) -> bool {
        self.here.minute() >= minute
    }
}

/// A number that belongs to a minute: the minute in the upper half, the number in the lower one.
#[derive(Debug, Default)]
struct InMinute(AtomicU64);

impl InMinute {
    fn get(&self, minute: u32) -> u32 {
        number_in(self.0.load(Ordering::Relaxed), minute)
    }

    fn set(&self, minute: u32, number: u32) {
        self.0.store(packed(minute, number), Ordering::Relaxed);
    }

    fn minute(&self) -> u32 {
        minute_of(self.0.load(Ordering::Relaxed))
    }

    /// One more, unless that is more than `most`.
    fn increment(&self, minute: u32, most: u32) -> Option<u32> {
        let next = |value| {
            // whoever asked the clock first may come last
            let minute = minute.max(minute_of(value));
            let number = number_in(value, minute);
            (number < most).then(|| packed(minute, number + 1))
        };
        let before = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let before = before.ok()?;
        Some(number_in(before, minute.max(minute_of(before))) + 1)
    }
}

fn packed(minute: u32, number: u32) -> u64 {
    u64::from(minute) << 32 | u64::from(number)
}

fn minute_of(value: u64) -> u32 {
    // the upper half of 64 bits has 32
    u32::try_from(value >> 32).unwrap_or(u32::MAX)
}

fn number_in(value: u64, minute: u32) -> u32 {
    if minute_of(value) == minute {
        u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn a_limit_holds_until_the_next_minute() {
        let count = Count::default();
        assert_eq!(count.add(7, 2), Some(1));
        assert_eq!(count.add(7, 2), Some(0));
        assert_eq!(count.add(7, 2), None);
        assert_eq!(count.add(8, 2), Some(1));
        // whose clock was read before the minute ended
        assert_eq!(count.add(7, 2), Some(0));
        assert_eq!(count.add(8, 2), None);
    }

    #[test]
    fn what_came_elsewhere_counts_as_well() {
        let count = Count::default();
        count.add(7, 10);
        count.learn(7, 1, 9);
        assert_eq!(count.add(7, 10), Some(0));
        assert_eq!(count.add(7, 10), None);
        assert_eq!((count.here(7), count.told(7)), (2, 1));
        assert_eq!(count.add(8, 10), Some(9));
    }
}
