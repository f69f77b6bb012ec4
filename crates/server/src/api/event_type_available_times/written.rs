//! A month of available times is tens of kilobytes that differ in few places: it is written from a template a day.

use crate::api::value::time::{Digits, FRACTION, LENGTH, TIME};
use jiff::Timestamp;

/// The answer of `/event_type_available_times`: what JSON makes of a [`Listing`] of [`AvailableTimeBody`].
///
/// [`Listing`]: crate::api::answer::Listing
/// [`AvailableTimeBody`]: super::AvailableTimeBody
pub fn written(starts: &[(Timestamp, i64)], page: &str) -> Vec<u8> {
    let page = escaped(page);
    let mut answer = Vec::with_capacity(starts.len() * (page.len() + 2 * LENGTH + 144) + 64);
    answer.extend_from_slice(br#"{"collection":["#);
    let (mut digits, mut template) = (Digits::default(), None);
    for (index, &(start, places)) in starts.iter().enumerate() {
        if index > 0 {
            answer.push(b',');
        }
        let start = digits.of(start);
        let same = template
            .take()
            .filter(|template: &Template| template.suits(&start, places));
        let same = same.unwrap_or_else(|| Template::new(start, places, &page));
        same.fill(&start, &mut answer);
        template = Some(same);
    }
    answer.extend_from_slice(b"]}");
    answer
}

/// A start on offer, in which only the time of day changes.
struct Template {
    text: Vec<u8>,
    digits: [u8; LENGTH],
    places: i64,
    /// Where the time of day stands.
    at: [usize; 2],
}

impl Template {
    fn new(digits: [u8; LENGTH], places: i64, page: &str) -> Template {
        let mut text =
            format!(r#"{{"status":"available","invitees_remaining":{places},"start_time":""#)
                .into_bytes();
        let first = text.len() + TIME;
        text.extend_from_slice(&digits);
        text.extend_from_slice(br#"","scheduling_url":""#);
        text.extend_from_slice(page.as_bytes());
        text.push(b'/');
        let second = text.len() + TIME;
        text.extend_from_slice(&digits[..FRACTION]);
        text.extend_from_slice(fraction(&digits));
        text.extend_from_slice(b"Z?month=");
        text.extend_from_slice(&digits[..7]);
        text.extend_from_slice(b"&date=");
        text.extend_from_slice(&digits[..10]);
        text.extend_from_slice(br#""}"#);
        Template {
            text,
            digits,
            places,
            at: [first, second],
        }
    }

    fn suits(&self, start: &[u8; LENGTH], places: i64) -> bool {
        self.places == places
            && self.digits[..TIME] == start[..TIME]
            && self.digits[FRACTION..] == start[FRACTION..]
    }

    fn fill(&self, start: &[u8; LENGTH], answer: &mut Vec<u8>) {
        let begin = answer.len();
        answer.extend_from_slice(&self.text);
        let time = &start[TIME..FRACTION];
        for at in self.at {
            answer[begin + at..begin + at + time.len()].copy_from_slice(time);
        }
    }
}

/// The fraction as an address shows it: without zeros at its end, and nothing where it is zero.
fn fraction(start: &[u8; LENGTH]) -> &[u8] {
    let fraction = &start[FRACTION..LENGTH - 1];
    let last = fraction.iter().rposition(|digit| *digit != b'0');
    match last {
        Some(last) if 0 < last => &fraction[..=last],
        _ => &[],
    }
}

/// As the inside of a JSON string.
fn escaped(text: &str) -> String {
    let text = serde_json::Value::from(text).to_string();
    text[1..text.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{
        answer::Listing, event_type_available_times::AvailableTimeBody, value::time::Time,
    };

    fn by_serde(starts: &[(Timestamp, i64)], page: &str) -> String {
        let body = |&(start, places): &(Timestamp, i64)| {
            let text = start.to_string();
            AvailableTimeBody {
                status: "available".to_owned(),
                invitees_remaining: places,
                start_time: Time(start),
                scheduling_url: format!("{page}/{text}?month={}&date={}", &text[..7], &text[..10]),
            }
        };
        let collection = starts.iter().map(body).collect();
        serde_json::to_string(&Listing { collection }).unwrap()
    }

    #[test]
    fn it_is_what_json_makes_of_the_body() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let cases: &[&[(Timestamp, i64)]] = &[
            &[],
            &[(at("2026-03-07T09:00:00Z"), 1)],
            // across midnight, other places, the same time of another month
            &[
                (at("2026-03-07T23:30:00Z"), 1),
                (at("2026-03-08T00:00:00Z"), 1),
                (at("2026-03-08T00:30:00Z"), 12),
                (at("2026-03-08T01:00:00Z"), 12),
                (at("2026-04-08T01:00:00Z"), 12),
            ],
            // a zone that is off by seconds
            &[
                (at("1971-01-01T09:44:30Z"), 1),
                (at("1971-01-01T10:44:30Z"), 1),
            ],
            // fractions
            &[
                (at("2026-03-07T09:00:00.5Z"), 1),
                (at("2026-03-07T09:00:00.123456Z"), 1),
                (at("2026-03-07T09:00:00.000001Z"), 1),
                (at("2026-03-07T09:30:00Z"), 1),
            ],
        ];
        for page in ["https://meet.example.com/ada/call", r#"http://x/"quoted\"#] {
            for starts in cases {
                let written = String::from_utf8(written(starts, page)).unwrap();
                assert_eq!(written, by_serde(starts, page));
            }
        }
    }
}
