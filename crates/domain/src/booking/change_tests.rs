use super::*;

use jiff::SignedDuration;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn half_hour(start: &str) -> Interval {
    Interval::new(at(start), at(start) + SignedDuration::from_mins(30)).unwrap()
}

#[test]
fn a_meeting_that_has_not_ended_may_move_to_another_time() {
    let event = EventState::booked(half_hour("2026-03-02T09:00Z"));
    let decide = |event: &EventState, start, now| may_move(event, at(start), at(now));
    assert_eq!(
        decide(&event, "2026-03-02T09:15Z", "2026-03-02T09:29Z"),
        Ok(())
    );
    assert_eq!(
        decide(&event, "2026-03-02T09:00Z", "2026-03-01T12:00Z"),
        Err(RescheduleRefusal::SameTime)
    );
    assert_eq!(
        decide(&event, "2026-03-02T09:15Z", "2026-03-02T09:30Z"),
        Err(RescheduleRefusal::InThePast)
    );
    assert_eq!(
        decide(&event.canceled(), "2026-03-02T09:15Z", "2026-03-01T12:00Z"),
        Err(RescheduleRefusal::AlreadyCanceled)
    );
    let off_grid = RescheduleRefusal::Book(BookRefusal::OffGrid);
    assert_eq!(off_grid.code(), "off_grid");
}

#[test]
fn a_meeting_can_be_canceled_until_it_has_ended() {
    let event = EventState::booked(half_hour("2026-03-02T09:00Z"));
    assert_eq!(decide_cancel(&event, at("2026-03-02T09:29Z")), Ok(()));
    assert_eq!(
        decide_cancel(&event, at("2026-03-02T09:30Z")),
        Err(CancelRefusal::InThePast)
    );
    assert_eq!(
        decide_cancel(&event.canceled(), at("2026-03-01T09:00Z")),
        Err(CancelRefusal::AlreadyCanceled)
    );
}

#[test]
fn a_meeting_on_no_grid_moves_inside_free_time_that_is_not_past() {
    let free = IntervalSet::from_intervals([
        half_hour("2026-03-02T08:00Z"),
        half_hour("2026-03-02T09:00Z"),
    ]);
    let moved = |to: Interval| decide_range_from(&free, to, at("2026-03-02T08:10Z"));
    let ten_minutes_later =
        Interval::new(at("2026-03-02T09:10Z"), at("2026-03-02T09:30Z")).unwrap();
    assert_eq!(moved(ten_minutes_later), Ok(ten_minutes_later));
    assert_eq!(
        moved(half_hour("2026-03-02T09:10Z")),
        Err(BookRefusal::NotFree)
    );
    assert_eq!(
        moved(half_hour("2026-03-02T08:00Z")),
        Err(BookRefusal::InThePast)
    );
}

#[test]
fn any_range_inside_free_time_may_be_booked() {
    let free = IntervalSet::from_intervals([
        half_hour("2026-03-02T09:00Z"),
        half_hour("2026-03-02T09:30Z"),
    ]);
    let whole = Interval::new(at("2026-03-02T09:00Z"), at("2026-03-02T10:00Z")).unwrap();
    assert_eq!(decide_range(&free, whole), Ok(whole));
    assert_eq!(
        decide_range(&free, half_hour("2026-03-02T09:31Z")),
        Err(BookRefusal::NotFree)
    );
}
