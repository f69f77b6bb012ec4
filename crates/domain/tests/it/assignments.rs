//! Over many meetings, each host of a round robin holds their share.

use domain::assignment::{Standing, in_turn};
use domain::id::UserId;
use proptest::prelude::*;
use uuid::Uuid;

use crate::config;
use crate::minute_model::instant_of;

/// Hosts of these weights who have held nothing.
fn beginners(weights: &[i64]) -> Vec<Standing> {
    let beginner = |(id, &weight)| Standing {
        host: UserId(Uuid::from_u128(id)),
        priority: 0,
        weight,
        meetings: 0,
        last_assigned: None,
    };
    (1..).zip(weights).map(beginner).collect()
}

/// The place of the host who is asked first of those who are not away.
fn next(pool: &[Standing], away: Option<usize>) -> usize {
    let place = |host: &UserId| pool.iter().position(|standing| standing.host == *host);
    let mut turn = in_turn(pool).into_iter().filter_map(|host| place(&host));
    turn.find(|&place| Some(place) != away).unwrap()
}

/// Assigns the meeting of a minute to a host.
fn give(standing: &mut Standing, minute: i64) {
    standing.meetings += 1;
    standing.last_assigned = Some(instant_of(minute));
}

/// How far each host is ahead of their share, in meetings times the weight of all.
fn ahead(pool: &[Standing]) -> Vec<i64> {
    let all: i64 = pool.iter().map(|standing| standing.meetings).sum();
    let weight = weight_of(pool);
    let ahead = |standing: &Standing| standing.meetings * weight - all * standing.weight;
    pool.iter().map(ahead).collect()
}

fn weight_of(pool: &[Standing]) -> i64 {
    pool.iter().map(|standing| standing.weight).sum()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn equals_hold_as_many_meetings_as_each_other(hosts in 1..10_usize, weight in 1..100_i64, meetings in 1..100_i64) {
        let mut pool = beginners(&vec![weight; hosts]);
        for minute in 0..meetings {
            let place = next(&pool, None);
            give(&mut pool[place], minute);
            let held = || pool.iter().map(|standing| standing.meetings);
            prop_assert!(held().max().unwrap() - held().min().unwrap() <= 1);
        }
    }

    #[test]
    fn nobody_is_ever_a_whole_meeting_ahead_or_behind(weights in prop::collection::vec(1..=100_i64, 1..8), meetings in 1..300_i64) {
        let mut pool = beginners(&weights);
        for minute in 0..meetings {
            let place = next(&pool, None);
            give(&mut pool[place], minute);
            let whole = weight_of(&pool);
            prop_assert!(ahead(&pool).iter().all(|ahead| ahead.abs() < whole), "{pool:?}");
        }
    }

    #[test]
    fn whoever_is_a_whole_meeting_behind_is_asked_first_until_all_hold_their_share(
        weights in prop::collection::vec(1..=5_i64, 2..6),
        meetings in 0..40_i64,
        away in 1..20_i64,
    ) {
        let mut pool = beginners(&weights);
        let back = meetings + away;
        for minute in 0..back + 500 {
            let away = (meetings..back).contains(&minute).then_some(0);
            let (ahead, whole) = (ahead(&pool), weight_of(&pool));
            let is_far_behind = |place: usize| ahead[place] <= -whole && Some(place) != away;
            let place = next(&pool, away);
            prop_assert!(is_far_behind(place) || !(0..pool.len()).any(is_far_behind), "{pool:?}");
            give(&mut pool[place], minute);
        }
        let whole = weight_of(&pool);
        prop_assert!(ahead(&pool).iter().all(|ahead| ahead.abs() < whole), "{pool:?}");
    }

    #[test]
    fn the_turn_does_not_depend_on_the_order_of_the_hosts(
        numbers in prop::collection::vec((0..3_i64, 1..4_i64, 0..4_i64, prop::option::of(0..3_i64)), 1..8),
        order in any::<u64>(),
    ) {
        let host = |(id, (priority, weight, meetings, last_assigned)): (u128, (i64, i64, i64, Option<i64>))| Standing {
            host: UserId(Uuid::from_u128(id)),
            priority,
            weight,
            meetings,
            last_assigned: last_assigned.map(instant_of),
        };
        let pool: Vec<Standing> = (1..).zip(numbers).map(host).collect();
        let mut shuffled = pool.clone();
        shuffled.sort_by_key(|standing| standing.host.0.as_u128().wrapping_mul(u128::from(order)) % 1_000_003);
        let turn = in_turn(&pool);
        prop_assert_eq!(&turn, &in_turn(&shuffled));
        prop_assert_eq!(&turn, &in_turn(&pool));
        prop_assert!(pool.iter().all(|standing| turn.contains(&standing.host)) && turn.len() == pool.len());
    }
}
