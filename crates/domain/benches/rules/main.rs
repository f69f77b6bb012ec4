//! How long the rules take, in microseconds a question on one thread: `cargo bench -p domain --bench rules`.
//!
//! With names behind `--` only those tables: `hours`, `starts`, `overlaps`, `meeting_times`.

#![expect(
    clippy::unwrap_used,
    reason = "what is written down here is valid, or there is nothing to measure"
)]

mod hours;
mod measure;
mod meeting_times;
mod overlaps;
mod people;
mod starts;

const TABLES: [(&str, fn()); 4] = [
    ("hours", hours::run),
    ("starts", starts::run),
    ("overlaps", overlaps::run),
    ("meeting_times", meeting_times::run),
];

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    for (name, run) in TABLES {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            run();
        }
    }
}
