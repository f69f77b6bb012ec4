//! Each answer about a start agrees with all others, and the hosts who are chosen can hold the meeting.

use std::collections::BTreeSet;

use domain::assignment::{Standing, assign, in_turn};
use domain::booking::BookRefusal;
use domain::id::UserId;
use domain::slots::Offer;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::config;
use crate::facts::{Facts, Host, facts};
use crate::minute_model::{instant_of, minute_of};
use crate::slow_starts::combinations;

/// The starts of the grid and some minutes between them, a little before the range and after it.
fn candidates(facts: &Facts, offer: &Offer<'_>, offset: i64) -> BTreeSet<Timestamp> {
    let minutes = minute_of(facts.range.start()) - 20..minute_of(facts.range.end()) + 20;
    let step = usize::try_from((minutes.end - minutes.start) / 30).unwrap();
    let between = minutes
        .skip(usize::try_from(offset).unwrap())
        .step_by(step.max(1));
    between.map(instant_of).chain(offer.grid()).collect()
}

/// Random standings of the hosts of all pools.
fn standings(facts: &Facts, numbers: &[(i64, i64, i64, Option<i64>)]) -> Vec<Vec<Standing>> {
    let mut numbers = numbers.iter();
    let mut standing = |host: &Host| {
        let &(priority, weight, meetings, last_assigned) = numbers.next().unwrap();
        let last_assigned = last_assigned.map(instant_of);
        Standing {
            host: host.id,
            priority,
            weight,
            meetings,
            last_assigned,
        }
    };
    let pools = facts.pools.iter();
    pools
        .map(|pool| pool.iter().map(&mut standing).collect())
        .collect()
}

/// Of all ways to choose a host of each pool, asking those first who are kept, the first who together can hold it.
fn first_who_can(
    facts: &Facts,
    pools: &[Vec<Standing>],
    kept: &[UserId],
    start: Timestamp,
) -> Option<Vec<UserId>> {
    let asked = |pool: &Vec<Standing>| -> Vec<UserId> {
        let mut turn = in_turn(pool);
        turn.sort_by_key(|host| !kept.contains(host));
        turn
    };
    let asked: Vec<Vec<UserId>> = pools.iter().map(asked).collect();
    let can = |ids: &Vec<UserId>| {
        let host = |id: &UserId| facts.hosts().find(|host| host.id == *id).unwrap();
        let hosts: Vec<&Host> = ids.iter().map(host).collect();
        facts.offer_of(&hosts).decide(start).is_ok()
    };
    combinations(&asked).into_iter().find(can)
}

/// The place of the first policy, besides the grid, that keeps a host alone from a meeting.
fn first_policy(facts: &Facts, host: &Host, start: Timestamp) -> Option<u8> {
    let reasons = facts.offer_of(&[host]).reasons(start).into_iter();
    let mut refusals = reasons.map(|reason| reason.refusal);
    let first = refusals.find(|refusal| *refusal != BookRefusal::OffGrid);
    first.map(|refusal| refusal.order())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_start_is_on_offer_or_refused_for_a_reason(facts in facts(), offset in 0..30_i64) {
        let offer = facts.offer();
        let (starts, is_alone) = (offer.starts(), facts.pools.len() == 1 && facts.pools[0].len() == 1);
        for start in candidates(&facts, &offer, offset) {
            let (decision, reasons) = (offer.decide(start), offer.reasons(start));
            prop_assert_eq!(decision.is_ok(), starts.contains(&start), "{}", start);
            prop_assert_eq!(reasons.is_empty(), decision.is_ok(), "{} {:?}", start, reasons);
            prop_assert!(reasons.is_sorted_by_key(|reason| reason.refusal.order()));
            if let Err(refusal) = decision {
                prop_assert!(reasons.iter().any(|reason| reason.refusal == refusal), "{start} {refusal:?} {reasons:?}");
                prop_assert!(!is_alone || reasons[0].refusal == refusal);
            }
        }
    }

    #[test]
    fn a_pool_is_refused_for_what_keeps_its_closest_host(facts in facts(), offset in 0..30_i64) {
        let mut facts = facts;
        facts.pools.truncate(1);
        let offer = facts.offer();
        for start in candidates(&facts, &offer, offset) {
            let Err(refusal) = offer.decide(start) else { continue };
            let first = |host| first_policy(&facts, host, start);
            let closest = facts.hosts().filter_map(first).max();
            let is_theirs = refusal == BookRefusal::OffGrid || closest.is_none_or(|closest| closest == refusal.order());
            prop_assert!(is_theirs, "{} {:?} {:?}", start, refusal, closest);
        }
    }

    #[test]
    fn what_is_off_the_grid_is_never_refused_as_on_it(facts in facts(), offset in 0..30_i64) {
        let offer = facts.offer();
        let grid = offer.grid();
        for start in candidates(&facts, &offer, offset).into_iter().filter(|start| !grid.contains(start)) {
            let reasons = offer.reasons(start);
            let is_off = |refusal| matches!(refusal, BookRefusal::OffGrid | BookRefusal::OutsideHours);
            prop_assert!(reasons.iter().any(|reason| is_off(reason.refusal)), "{start} {reasons:?}");
        }
    }

    #[test]
    fn what_is_open_has_places_left_in_the_meeting_that_is_joined(facts in facts()) {
        let (offer, capacity) = (facts.offer(), facts.event_type.capacity());
        for start in offer.starts() {
            let left = offer.places_left(start);
            prop_assert!(0 < left && left <= capacity);
            let Some(joined) = offer.meeting_to_join(start) else { continue };
            let meeting = facts.event_type.meeting_at(start).unwrap();
            let busy = facts.hosts().flat_map(|host| host.busy.iter());
            let booked = busy.filter(|busy| busy.interval == meeting && busy.source == joined.0);
            let taken: i64 = booked.map(|busy| busy.places).sum();
            prop_assert!(0 < taken && taken + left <= capacity);
        }
    }

    #[test]
    fn whoever_is_assigned_is_the_first_in_turn_who_can_hold_the_meeting(
        facts in facts(),
        offset in 0..30_i64,
        numbers in prop::collection::vec((0..2_i64, 1..4_i64, 0..3_i64, prop::option::of(0..3_i64)), 9),
        kept in prop::collection::vec(any::<bool>(), 9),
    ) {
        let offer = facts.offer();
        let pools = standings(&facts, &numbers);
        let hosts = facts.hosts().zip(kept);
        let kept: Vec<UserId> = hosts.filter_map(|(host, kept)| kept.then_some(host.id)).collect();
        let candidates = candidates(&facts, &offer, offset);
        for &start in candidates.iter().skip(candidates.len() % 6).step_by(1 + candidates.len() / 6) {
            let meeting = facts.event_type.meeting_at(start).unwrap();
            let assigned = assign(&offer, meeting, &pools, &kept);
            prop_assert_eq!(assigned.is_some(), offer.decide(start).is_ok(), "{}", start);
            prop_assert_eq!(assigned, first_who_can(&facts, &pools, &kept, start), "{}", start);
        }
    }
}
