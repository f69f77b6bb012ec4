//! How long something takes, and in what words that is told.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Each measurement runs for about so long, after two runs that warm up.
const ENOUGH: Duration = Duration::from_millis(200);

/// Runs at least so often, however long it takes.
const FEWEST: usize = 9;

/// What a run takes.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// The quickest by the clock.
    best: Duration,
    /// The mean by the time that the thread had a processor, which other programs hardly lengthen.
    mean: Duration,
}

/// Runs `work` again and again. What is so quick that a clock cannot tell is run in rounds of many.
pub fn measure<T>(mut work: impl FnMut() -> T) -> Taken {
    let mut round = |times: u32| {
        let begin = Instant::now();
        for _ in 0..times {
            black_box(work());
        }
        begin.elapsed()
    };
    round(1);
    let once = round(1).as_nanos().max(1);
    let times = u32::try_from(50_000 / once).unwrap_or(u32::MAX).max(1);
    let mut runs = Vec::new();
    let (begin, had) = (Instant::now(), processor_time());
    while runs.len() < FEWEST || begin.elapsed() < ENOUGH {
        runs.push(round(times));
    }
    let total = match (had, processor_time()) {
        (Some(had), Some(has)) => has.saturating_sub(had),
        _ => runs.iter().sum(),
    };
    let rounds = u32::try_from(runs.len()).unwrap_or(u32::MAX);
    Taken {
        best: runs.into_iter().min().unwrap_or_default() / times,
        mean: total / rounds / times,
    }
}

/// How long this thread has had a processor, to some milliseconds, where the system tells.
fn processor_time() -> Option<Duration> {
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = account.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

impl Taken {
    /// The best run and the mean, in microseconds.
    pub fn micros(self) -> String {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        format!("{:10.2} ({:.2})", micros(self.best), micros(self.mean))
    }
}
