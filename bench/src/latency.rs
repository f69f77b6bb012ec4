//! How long answers took: all of them are kept, so that no percentile is a guess.

use std::time::Duration;

/// Times, in order.
#[derive(Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Sorts what was measured.
    pub fn new(mut measured: Vec<Duration>) -> Latencies {
        measured.sort_unstable();
        Latencies(measured)
    }

    /// The smallest time that so many per mille of all did not exceed; zero where nothing was measured.
    pub fn per_mille(&self, share: usize) -> Duration {
        let rank = (self.0.len() * share).div_ceil(1000).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    /// The middle one.
    pub fn p50(&self) -> Duration {
        self.per_mille(500)
    }

    /// What one in a hundred exceeded.
    pub fn p99(&self) -> Duration {
        self.per_mille(990)
    }

    /// The longest one.
    pub fn max(&self) -> Duration {
        self.per_mille(1000)
    }

    /// How many were measured.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: impl Iterator<Item = u64>) -> Latencies {
        Latencies::new(milliseconds.map(Duration::from_millis).collect())
    }

    #[test]
    fn percentiles_are_times_that_occurred() {
        let hundred = of((1..=100).rev());
        assert_eq!(hundred.p50(), Duration::from_millis(50));
        assert_eq!(hundred.p99(), Duration::from_millis(99));
        assert_eq!(hundred.max(), Duration::from_millis(100));
        let three = of([7, 5, 6].into_iter());
        assert_eq!(three.p50(), Duration::from_millis(6));
        assert_eq!(three.p99(), Duration::from_millis(7));
    }

    #[test]
    fn nothing_measured_took_no_time() {
        assert_eq!(of(std::iter::empty()).p99(), Duration::ZERO);
    }
}
