//! An answer of `GET /overlaps` names the same people again and again: they are written once and then copied.

use crate::api::value::time::digits;
use domain::overlap::Overlap;
use std::{ops::Range, sync::Arc};

/// What JSON makes of a [`Listing`] of [`OverlapBody`].
///
/// [`Listing`]: crate::api::answer::Listing
/// [`OverlapBody`]: super::OverlapBody
pub fn written(overlaps: impl Iterator<Item = Overlap>, names: &[Arc<str>]) -> Vec<u8> {
    let quoted = |name: &Arc<str>| serde_json::Value::from(&**name).to_string();
    let names: Vec<String> = names.iter().map(quoted).collect();
    let mut answer = br#"{"collection":["#.to_vec();
    let mut last: Option<(Vec<usize>, Range<usize>)> = None;
    for (index, overlap) in overlaps.enumerate() {
        if index > 0 {
            answer.push(b',');
        }
        answer.extend_from_slice(br#"{"start_time":""#);
        answer.extend_from_slice(&digits(overlap.interval.start()));
        answer.extend_from_slice(br#"","end_time":""#);
        answer.extend_from_slice(&digits(overlap.interval.end()));
        answer.extend_from_slice(br#"","available":["#);
        let begin = answer.len();
        match &last {
            Some((same, place)) if *same == overlap.available => {
                answer.extend_from_within(place.clone());
            }
            _ => name(&overlap.available, &names, &mut answer),
        }
        last = Some((overlap.available, begin..answer.len()));
        answer.extend_from_slice(b"]}");
    }
    answer.extend_from_slice(b"]}");
    answer
}

fn name(people: &[usize], names: &[String], answer: &mut Vec<u8>) {
    for (index, person) in people.iter().enumerate() {
        if index > 0 {
            answer.push(b',');
        }
        answer.extend_from_slice(names[*person].as_bytes());
    }
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
            available: available.to_vec(),
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
