//! Properties of the rules of time, each compared with a slow model that walks every minute.

#[cfg(test)]
mod meeting_times;
#[cfg(test)]
mod minute_model;
#[cfg(test)]
mod overlaps;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod starts;

/// How many random cases a property tries: `FASTI_CASES`, or as many as take some seconds.
#[cfg(test)]
fn cases() -> u32 {
    let asked = std::env::var("FASTI_CASES").ok();
    asked.map_or(10_000, |cases| cases.parse().unwrap())
}
