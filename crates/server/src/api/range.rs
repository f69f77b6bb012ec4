//! Ranges of time in requests.

use super::{problem::Problem, value::time::Time};
use domain::interval::Interval;
use jiff::SignedDuration;

/// The longest range that can be asked about, in days.
pub const MAX_RANGE: i64 = 366;

/// The range from `start_time` to `end_time`, which must be in order and at most `days` days long.
pub fn checked(start: Time, end: Time, days: i64) -> Result<Interval, Problem> {
    let Some(range) = Interval::new(start.0, end.0) else {
        return Err(Problem::parameter(
            "end_time",
            "invalid_range",
            "must be after start_time",
        ));
    };
    if SignedDuration::from_hours(24 * days) < range.duration() {
        let message = format!("must be at most {days} days after start_time");
        return Err(Problem::parameter("end_time", "range_too_long", message));
    }
    Ok(range)
}
