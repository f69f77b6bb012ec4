//! What is printed: sections of markdown that are pasted into `docs/benchmarks.md` as they are.

use crate::{latency::Latencies, load::Measurement};
use std::{fmt, time::Duration};

/// A table.
#[derive(Debug, Default)]
pub struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty one with these columns.
    pub fn new(header: &[&'static str]) -> Table {
        Table {
            header: header.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| {} |", self.header.join(" | "))?;
        writeln!(formatter, "|{}", "---|".repeat(self.header.len()))?;
        for row in &self.rows {
            writeln!(formatter, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}

/// What was asked of a release, and what it reached.
#[derive(Debug)]
pub struct Target {
    what: String,
    wanted: String,
    reached: String,
    /// Whether it is met.
    pub met: bool,
}

impl Target {
    /// A number that should be at least so large, with what it is a share of.
    pub fn at_least(what: String, wanted: f64, of: &str, reached: f64) -> Target {
        Target {
            what,
            wanted: format!("at least {wanted} of {of}"),
            reached: format!("{reached:.2}"),
            met: wanted <= reached,
        }
    }

    /// A multiple that should be at most so large.
    pub fn times_at_most(what: String, wanted: f64, of: &str, reached: f64) -> Target {
        Target {
            what,
            wanted: format!("at most {wanted} × {of}"),
            reached: format!("{reached:.2}"),
            met: reached <= wanted,
        }
    }

    /// A size that should stay below another.
    pub fn below_bytes(what: String, wanted: u64, reached: u64) -> Target {
        Target {
            what,
            wanted: format!("under {}", bytes(wanted)),
            reached: bytes(reached),
            met: reached < wanted,
        }
    }

    /// A time that should stay below another.
    pub fn below_time(what: String, wanted: Duration, reached: Duration) -> Target {
        Target {
            what,
            wanted: format!("under {}", time(wanted)),
            reached: time(reached),
            met: reached < wanted,
        }
    }

    /// Something that should never be seen.
    pub fn none(what: String, seen: u64) -> Target {
        Target {
            what,
            wanted: "0".to_owned(),
            reached: seen.to_string(),
            met: seen == 0,
        }
    }
}

/// The table of all targets.
pub fn targets(targets: &[Target]) -> Table {
    let mut table = Table::new(&["target", "wanted", "reached", ""]);
    for target in targets {
        let met = if target.met { "met" } else { "**missed**" };
        table.row([
            target.what.clone(),
            target.wanted.clone(),
            target.reached.clone(),
            met.to_owned(),
        ]);
    }
    table
}

/// The cells that every measurement has.
pub fn answers(measured: &Measurement) -> [String; 5] {
    let [p50, p99] = percentiles(&measured.latencies);
    [
        rate(measured.rate),
        p50,
        p99,
        time(measured.cpu),
        bytes(measured.memory),
    ]
}

/// The middle time, and the one that one in a hundred exceeded.
pub fn percentiles(latencies: &Latencies) -> [String; 2] {
    [time(latencies.p50()), time(latencies.p99())]
}

/// So many a second: `41,200`.
pub fn rate(rate: f64) -> String {
    if rate < 10.0 {
        return format!("{rate:.1}");
    }
    let mut text = format!("{rate:.0}");
    let mut place = text.len();
    while place > 3 {
        place -= 3;
        text.insert(place, ',');
    }
    text
}

/// A count.
pub fn count(count: u32) -> String {
    rate(f64::from(count)).replace(".0", "")
}

/// A time with the unit that suits it.
pub fn time(time: Duration) -> String {
    let microseconds = time.as_secs_f64() * 1e6;
    match microseconds {
        ..100.0 => format!("{microseconds:.1} µs"),
        100.0..1_000.0 => format!("{microseconds:.0} µs"),
        1_000.0..100_000.0 => format!("{:.2} ms", microseconds / 1e3),
        100_000.0..1_000_000.0 => format!("{:.0} ms", microseconds / 1e3),
        _ => format!("{:.2} s", microseconds / 1e6),
    }
}

/// A size in megabytes of a million bytes, or in kilobytes.
pub fn bytes(bytes: u64) -> String {
    let kilobytes = u32::try_from(bytes / 1000).map_or(f64::INFINITY, f64::from);
    if kilobytes < 1000.0 {
        format!("{kilobytes:.0} kB")
    } else {
        format!("{:.1} MB", kilobytes / 1e3)
    }
}

/// A share of the ceiling.
pub fn share(share: f64) -> String {
    format!("{share:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        let written = [
            rate(999.6),
            rate(41_234.4),
            rate(0.82),
            count(2_000_000),
            count(7),
        ];
        assert_eq!(written, ["1,000", "41,234", "0.8", "2,000,000", "7"]);
        let times = [4_250, 420_000, 4_200_000, 2_500_000_000].map(Duration::from_nanos);
        assert_eq!(times.map(time), ["4.2 µs", "420 µs", "4.20 ms", "2.50 s"]);
        assert_eq!([bytes(24_900_000), bytes(8_200)], ["24.9 MB", "8 kB"]);
    }

    #[test]
    fn a_target_is_met_at_its_bound() {
        let half = |reached| Target::at_least(String::new(), 0.5, "the ceiling", reached).met;
        assert!(half(0.5) && !half(0.49));
        let grown = |reached| Target::times_at_most(String::new(), 1.2, "200 events", reached).met;
        assert!(grown(1.2) && !grown(1.21));
        assert!(!Target::below_bytes(String::new(), 30, 30).met);
    }

    #[test]
    fn tables_are_markdown() {
        let mut table = Table::new(&["a", "b"]);
        table.row(["1".to_owned(), "2".to_owned()]);
        assert_eq!(table.to_string(), "| a | b |\n|---|---|\n| 1 | 2 |\n");
    }
}
