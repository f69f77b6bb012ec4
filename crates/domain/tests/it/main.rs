//! Properties of the rules of time, each compared with a slow model that walks every minute.
//!
//! `FASTI_CASES` says how many random cases each property tries, and `FASTI_SEED` from which seed they grow.

#[cfg(test)]
mod assignments;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod explanations;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod meeting_times;
#[cfg(test)]
mod minute_model;
#[cfg(test)]
mod overlaps;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod slow_starts;
#[cfg(test)]
mod starts;

/// How every property is tried. The same cases come from the same seed, which is printed when one fails.
#[cfg(test)]
fn config() -> proptest::test_runner::Config {
    let asked = |name| Some(std::env::var(name).ok()?.parse::<u64>().unwrap());
    let (cases, seed) = (asked("FASTI_CASES"), asked("FASTI_SEED").unwrap_or(1582));
    println!("FASTI_SEED={seed}");
    proptest::test_runner::Config {
        cases: cases.map_or(10_000, |cases| cases.try_into().unwrap()),
        rng_seed: proptest::test_runner::RngSeed::Fixed(seed),
        max_shrink_time: 30_000,
        // the seed says enough
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    }
}
