//! An answer of `GET /overlaps` names the same people again and again: an interval with the same people as the one before
//! it is copied from that, and only its times are written anew.

use crate::api::value::time::{Digits, LENGTH};
use domain::overlap::Overlap;
use std::sync::Arc;

/// What JSON makes of a [`Listing`] of [`OverlapBody`].
///
/// [`Listing`]: crate::api::answer::Listing
/// [`OverlapBody`]: super::OverlapBody
pub fn written(overlaps: impl ExactSizeIterator<Item = Overlap>, names: &[Arc<str>]) -> Vec<u8> {
    let names: Vec<String> = names.iter().map(quoted).collect();
    let of_names: usize = names.iter().map(|name| name.len() + 1).sum();
    let whole = (END + LENGTH + of_names + 64).saturating_mul(overlaps.len());
    let mut answer = Vec::with_capacity(whole.min(MOST_AHEAD));
    answer.extend_from_slice(br#"{"collection":["#);
    let mut digits = Digits::default();
    let mut last: Option<(Arc<[usize]>, usize)> = None;
    for overlap in overlaps {
        let begin = answer.len();
        match last {
            Some((same, before)) if same == overlap.available => {
                answer.extend_from_within(before..);
            }
            _ => new_interval(&overlap.available, &names, &mut answer),
        }
        let start = digits.of(overlap.interval.start());
        answer[begin + START..begin + START + LENGTH].copy_from_slice(&start);
        let end = digits.of(overlap.interval.end());
        answer[begin + END..begin + END + LENGTH].copy_from_slice(&end);
        last = Some((overlap.available, begin));
    }
    if last.is_some() {
        // the comma after the last one
        answer.pop();
    }
    answer.extend_from_slice(b"]}");
    answer
}

/// So many bytes at most are asked for before it is known whether they are needed.
const MOST_AHEAD: usize = 4 << 20;

const BEFORE_START: &[u8] = br#"{"start_time":""#;
const BEFORE_END: &[u8] = br#"","end_time":""#;

/// Where the start stands in an interval, and where the end does.
const START: usize = BEFORE_START.len();
const END: usize = START + LENGTH + BEFORE_END.len();

/// An interval with these people, room for its times, and a comma.
fn new_interval(people: &[usize], names: &[String], answer: &mut Vec<u8>) {
    answer.extend_from_slice(BEFORE_START);
    answer.extend_from_slice(&[b' '; LENGTH]);
    answer.extend_from_slice(BEFORE_END);
    answer.extend_from_slice(&[b' '; LENGTH]);
    answer.extend_from_slice(br#"","available":["#);
    for (index, person) in people.iter().enumerate() {
        if index > 0 {
            answer.push(b',');
        }
        answer.extend_from_slice(names[*person].as_bytes());
    }
    answer.extend_from_slice(b"]},");
}

fn quoted(name: &Arc<str>) -> String {
    serde_json::Value::from(&**name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{answer::Listing, overlaps::OverlapBody, value::time::Time};
    use domain::interval::Interval;

    #[test]
    fn it_is_what_json_makes_of_the_body() {
        let names: Vec<Arc<str>> = vec![
            "http://x/users/1".into(),
            "two \"2\"\u{1}".into(),
            "".into(),
        ];
        let overlap = |(start, end, available): (&str, &str, &[usize])| Overlap {
            interval: Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap(),
            available: available.into(),
        };
        let of: [&[(&str, &str, &[usize])]; 3] = [
            &[],
            &[("2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z", &[0])],
            &[
                ("2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z", &[0, 1]),
                ("2026-03-02T09:30:00Z", "2026-03-02T10:30:00.5Z", &[0, 1]),
                ("2026-03-03T09:30:00Z", "2026-03-03T10:30:00Z", &[]),
                ("2026-03-04T09:30:00Z", "2026-03-04T10:30:00Z", &[0, 1, 2]),
                ("2026-03-05T09:30:00Z", "2026-03-05T10:30:00Z", &[0, 1, 2]),
            ],
        ];
        for overlaps in of {
            let overlaps: Vec<Overlap> = overlaps.iter().copied().map(overlap).collect();
            let body = |overlap: &Overlap| OverlapBody {
                start_time: Time(overlap.interval.start()),
                end_time: Time(overlap.interval.end()),
                available: overlap
                    .available
                    .iter()
                    .map(|index| names[*index].clone())
                    .collect(),
            };
            let collection = overlaps.iter().map(body).collect();
            let by_serde = serde_json::to_string(&Listing { collection }).unwrap();
            let written = written(overlaps.into_iter(), &names);
            assert_eq!(String::from_utf8(written).unwrap(), by_serde);
        }
    }
}
