//! When the meetings of the fills take place, in seconds since 1970.

use jiff::Timestamp;

/// A minute.
pub const MINUTE: i64 = 60;

/// A day of 24 hours.
pub const DAY: i64 = 24 * 60 * MINUTE;

/// Midnight UTC of a Monday, one to two weeks ahead: what is booked and asked begins here.
#[expect(
    clippy::disallowed_methods,
    reason = "the server that is measured goes by the system's clock, and so do the times that are asked of it"
)]
pub fn monday() -> i64 {
    monday_after(Timestamp::now().as_second())
}

/// 1970 began on a Thursday.
fn monday_after(now: i64) -> i64 {
    let days = now.div_euclid(DAY);
    let since_monday = (days + 3).rem_euclid(7);
    (days - since_monday + 14) * DAY
}

/// An instant as it is written in requests, always equally long.
pub fn text(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|error| error.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_day_is_a_monday_that_can_still_be_booked() {
        let sunday: Timestamp = "2026-03-08T23:59:59Z".parse().unwrap();
        assert_eq!(
            text(monday_after(sunday.as_second())),
            "2026-03-16T00:00:00Z"
        );
        let monday: Timestamp = "2026-03-09T00:00:00Z".parse().unwrap();
        assert_eq!(
            text(monday_after(monday.as_second())),
            "2026-03-23T00:00:00Z"
        );
    }
}
