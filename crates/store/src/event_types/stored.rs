//! The documents inside an event type's row: its booking window and its limits.

use domain::event_type::{BookingWindow, Limit, LimitCap, LimitPeriod};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StoredWindow {
    Rolling { days: u16, weekdays_only: bool },
    Range { start: Date, end: Date },
    Unlimited,
}

impl From<&BookingWindow> for StoredWindow {
    fn from(window: &BookingWindow) -> StoredWindow {
        match *window {
            BookingWindow::Rolling {
                days,
                weekdays_only,
            } => StoredWindow::Rolling {
                days,
                weekdays_only,
            },
            BookingWindow::Range { start, end } => StoredWindow::Range { start, end },
            BookingWindow::Unlimited => StoredWindow::Unlimited,
        }
    }
}

impl From<StoredWindow> for BookingWindow {
    fn from(window: StoredWindow) -> BookingWindow {
        match window {
            StoredWindow::Rolling {
                days,
                weekdays_only,
            } => BookingWindow::Rolling {
                days,
                weekdays_only,
            },
            StoredWindow::Range { start, end } => BookingWindow::Range { start, end },
            StoredWindow::Unlimited => BookingWindow::Unlimited,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredPeriod {
    Day,
    Week,
    Month,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredCap {
    Events(u32),
    Minutes(u32),
}

#[derive(Debug, Serialize, Deserialize)]
pub struct StoredLimit(StoredPeriod, StoredCap);

impl From<&Limit> for StoredLimit {
    fn from(limit: &Limit) -> StoredLimit {
        let period = match limit.per {
            LimitPeriod::Day => StoredPeriod::Day,
            LimitPeriod::Week => StoredPeriod::Week,
            LimitPeriod::Month => StoredPeriod::Month,
        };
        let cap = match limit.cap {
            LimitCap::Events(events) => StoredCap::Events(events),
            LimitCap::Minutes(minutes) => StoredCap::Minutes(minutes),
        };
        StoredLimit(period, cap)
    }
}

impl From<StoredLimit> for Limit {
    fn from(StoredLimit(period, cap): StoredLimit) -> Limit {
        Limit {
            per: match period {
                StoredPeriod::Day => LimitPeriod::Day,
                StoredPeriod::Week => LimitPeriod::Week,
                StoredPeriod::Month => LimitPeriod::Month,
            },
            cap: match cap {
                StoredCap::Events(events) => LimitCap::Events(events),
                StoredCap::Minutes(minutes) => LimitCap::Minutes(minutes),
            },
        }
    }
}
