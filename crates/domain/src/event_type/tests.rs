use super::*;
use uuid::Uuid;

fn half_an_hour() -> EventTypeSpec {
    EventTypeSpec {
        id: EventTypeId(Uuid::from_u128(1)),
        duration: 30,
        before_buffer: 10,
        after_buffer: 15,
        increment: 30,
        minimum_notice: 60,
        window: BookingWindow::Unlimited,
        limits: Vec::new(),
        capacity: 1,
    }
}

#[test]
fn every_number_has_its_bounds() {
    type Change = fn(&mut EventTypeSpec, i64);
    let bounds: [(i64, i64, Change, EventTypeError, EventTypeError); 5] = [
        (
            1,
            720,
            |spec, n| spec.duration = n,
            EventTypeError::Duration(0),
            EventTypeError::Duration(721),
        ),
        (
            0,
            180,
            |spec, n| spec.before_buffer = n,
            EventTypeError::BeforeBuffer(-1),
            EventTypeError::BeforeBuffer(181),
        ),
        (
            0,
            180,
            |spec, n| spec.after_buffer = n,
            EventTypeError::AfterBuffer(-1),
            EventTypeError::AfterBuffer(181),
        ),
        (
            5,
            720,
            |spec, n| spec.increment = n,
            EventTypeError::Increment(4),
            EventTypeError::Increment(721),
        ),
        (
            0,
            525_600,
            |spec, n| spec.minimum_notice = n,
            EventTypeError::MinimumNotice(-1),
            EventTypeError::MinimumNotice(525_601),
        ),
    ];
    for (least, most, change, too_little, too_much) in bounds {
        let with = |number| {
            let mut spec = half_an_hour();
            change(&mut spec, number);
            EventType::new(spec)
        };
        assert!(with(least).is_ok() && with(most).is_ok(), "{too_little}");
        assert_eq!(with(least - 1), Err(too_little));
        assert_eq!(with(most + 1), Err(too_much));
    }
}

#[test]
fn windows_and_limits_have_their_bounds() {
    let (early, late) = (Date::constant(2026, 3, 1), Date::constant(2026, 3, 2));
    let with = |window| {
        EventType::new(EventTypeSpec {
            window,
            ..half_an_hour()
        })
    };
    assert!(
        with(BookingWindow::Rolling {
            days: 3650,
            weekdays_only: true
        })
        .is_ok()
    );
    assert_eq!(
        with(BookingWindow::Rolling {
            days: 3651,
            weekdays_only: false
        }),
        Err(EventTypeError::RollingDays(3651)),
    );
    assert!(
        with(BookingWindow::Range {
            start: early,
            end: early
        })
        .is_ok()
    );
    assert_eq!(
        with(BookingWindow::Range {
            start: late,
            end: early
        }),
        Err(EventTypeError::WindowEndsBeforeStart {
            start: late,
            end: early
        }),
    );
    for cap in [LimitCap::Events(0), LimitCap::Minutes(0)] {
        let limits = vec![Limit {
            per: LimitPeriod::Day,
            cap,
        }];
        assert_eq!(
            EventType::new(EventTypeSpec {
                limits,
                ..half_an_hour()
            }),
            Err(EventTypeError::LimitOfNothing)
        );
    }
}

#[test]
fn a_meeting_has_its_buffers_around_it() {
    let event_type = EventType::new(half_an_hour()).unwrap();
    let start: Timestamp = "2026-03-02T09:00Z".parse().unwrap();
    let meeting = event_type.meeting_at(start).unwrap();
    assert_eq!(meeting.duration(), SignedDuration::from_mins(30));
    let buffered = event_type.buffered(&meeting);
    assert_eq!(buffered.start(), start - SignedDuration::from_mins(10));
    assert_eq!(buffered.end(), start + SignedDuration::from_mins(45));
    assert_eq!(event_type.meeting_at(Timestamp::MAX), None);
}
