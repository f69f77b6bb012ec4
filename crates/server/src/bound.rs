//! Bounds on what many use at once: requests, connections, bytes in memory.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// So much may be used at once, and no more is given away. Nobody waits here: what is not there now is refused.
#[derive(Debug)]
pub struct Bound {
    most: usize,
    used: AtomicUsize,
}

impl Bound {
    /// A bound of which nothing is used yet.
    pub fn new(most: usize) -> Arc<Bound> {
        Arc::new(Bound {
            most,
            used: AtomicUsize::new(0),
        })
    }

    /// A share of the bound. The last one that is given away may reach beyond it, so that nothing is too large for
    /// an idle server.
    pub fn take(self: &Arc<Bound>, amount: usize) -> Option<Share> {
        let share = self.share();
        share.grow(amount).then_some(share)
    }

    /// A share of nothing, which may grow.
    pub fn share(self: &Arc<Bound>) -> Share {
        Share {
            bound: self.clone(),
            amount: AtomicUsize::new(0),
        }
    }

    /// How much is used now.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// What somebody uses of a bound, given back at the end.
#[derive(Debug)]
pub struct Share {
    bound: Arc<Bound>,
    amount: AtomicUsize,
}

impl Share {
    /// Takes more. False if there is no more.
    pub fn grow(&self, amount: usize) -> bool {
        let before = self.bound.used.fetch_add(amount, Ordering::Relaxed);
        if before >= self.bound.most {
            self.bound.used.fetch_sub(amount, Ordering::Relaxed);
            return false;
        }
        self.amount.fetch_add(amount, Ordering::Relaxed);
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let amount = *self.amount.get_mut();
        self.bound.used.fetch_sub(amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Bound;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let bound = Bound::new(2);
        let first = bound.take(1);
        let second = bound.take(1);
        assert!(first.is_some() && second.is_some());
        assert!(bound.take(1).is_none());
        drop(first);
        assert!(bound.take(1).is_some());
        drop(second);
        assert_eq!(bound.used(), 0);
    }

    #[test]
    fn nothing_is_too_large_for_an_idle_server() {
        let bound = Bound::new(10);
        let large = bound.take(50);
        assert!(large.is_some_and(|large| !large.grow(1)));
        assert_eq!(bound.used(), 0);
    }
}
