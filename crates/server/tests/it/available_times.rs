//! `/event_type_available_times`: each listed time can be booked, no other one can.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, every_day, path, short},
    harness::Test,
};

on_both_engines! {
    every_listed_time_can_be_booked_and_no_other_minute,
    meetings_around_take_their_buffers_out,
    a_day_of_23_hours_offers_what_exists,
    the_grid_does_not_move_with_the_range_or_with_what_is_busy,
    notice_and_window_count_from_now,
    a_window_of_dates_offers_those_dates,
    a_limit_closes_its_period,
    inactive_and_deleted_event_types_offer_nothing,
    the_hours_of_an_event_type_are_shown,
}

/// Books every minute of a range: those that are listed are won, unless one that was won before is in the way.
async fn every_minute(caller: &Caller, event_type: &str, hour: &str) {
    let (start, end) = (format!("{hour}:00:00Z"), format!("{hour}:59:59Z"));
    let listed = caller.available(event_type, &start, &end).await;
    assert!(!listed.is_empty(), "nothing is on offer at {hour}");
    let mut offered = 0;
    for minute in 0..60 {
        let start = format!("{hour}:{minute:02}:00.000000Z");
        let is_listed = listed.contains(&start);
        let answer = caller.book(event_type, &start).await;
        if is_listed {
            offered += 1;
            let event = answer.resource(201)["event"].as_str().unwrap().to_owned();
            caller
                .post(format!("{event}/cancellation"), json!({}))
                .await
                .expect(201);
        } else {
            assert!(
                [400, 409].contains(&answer.status),
                "{start} was answered {}",
                answer.status
            );
        }
    }
    assert_eq!(offered, listed.len());
}

async fn every_listed_time_can_be_booked_and_no_other_minute(test: Test) {
    let ada = test.as_user("ada");
    let fields =
        json!({"duration": 20, "start_time_increment": 15, "before_buffer": 5, "after_buffer": 10});
    let event_type = ada.event_type(fields).await;
    ada.post(
        "/user_busy_times",
        json!({"start_time": "2026-03-03T10:40:00Z", "end_time": "2026-03-03T10:42:00Z"}),
    )
    .await
    .expect(201);
    every_minute(&ada, &event_type, "2026-03-03T09").await;
    every_minute(&ada, &event_type, "2026-03-03T10").await;
    every_minute(&ada, &event_type, "2026-03-03T16").await;
}

async fn meetings_around_take_their_buffers_out(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada
        .event_type(json!({"before_buffer": 15, "after_buffer": 30}))
        .await;
    ada.book(&event_type, "2026-03-03T12:00:00Z")
        .await
        .expect(201);
    let starts = ada
        .available(&event_type, "2026-03-03T10:00:00Z", "2026-03-03T15:00:00Z")
        .await;
    let starts: Vec<String> = starts.iter().map(|start| short(start)).collect();
    // 12:00 to 12:30 is taken with 11:45 to 13:00 around it; the new meeting's own buffers may overlap those, not it
    let expected = [
        "2026-03-03T10:00Z",
        "2026-03-03T10:30Z",
        "2026-03-03T11:00Z",
        "2026-03-03T13:00Z",
        "2026-03-03T13:30Z",
        "2026-03-03T14:00Z",
        "2026-03-03T14:30Z",
    ];
    assert_eq!(starts, expected);
}

async fn a_day_of_23_hours_offers_what_exists(test: Test) {
    let ada = test.as_user("ada");
    ada.set_hours("America/New_York", every_day(&[("01:00", "04:00")]))
        .await;
    let event_type = ada.event_type(json!({})).await;
    let starts = ada
        .available(&event_type, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z")
        .await;
    let starts: Vec<String> = starts.iter().map(|start| short(start)).collect();
    // 01:00 and 01:30 in UTC-5, then at once 03:00 and 03:30 in UTC-4
    assert_eq!(
        starts,
        [
            "2026-03-08T06:00Z",
            "2026-03-08T06:30Z",
            "2026-03-08T07:00Z",
            "2026-03-08T07:30Z"
        ]
    );
    // the repeated hour is offered twice: 01:00 to 04:00 takes four hours on 1 November
    let unlimited = json!({"booking_window": {"type": "unlimited"}});
    ada.patch(&event_type, unlimited).await.expect(200);
    let starts = ada
        .available(&event_type, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")
        .await;
    let starts: Vec<String> = starts.iter().map(|start| short(start)).collect();
    let expected = [
        "05:00", "05:30", "06:00", "06:30", "07:00", "07:30", "08:00", "08:30",
    ];
    assert_eq!(starts, expected.map(|start| format!("2026-11-01T{start}Z")));
}

async fn the_grid_does_not_move_with_the_range_or_with_what_is_busy(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada
        .event_type(json!({"duration": 25, "start_time_increment": 20}))
        .await;
    let whole = ada
        .available(&event_type, "2026-03-03T00:00:00Z", "2026-03-08T00:00:00Z")
        .await;
    let mut daily = Vec::new();
    for day in 3..8 {
        let (start, end) = (
            format!("2026-03-0{day}T00:00:00Z"),
            format!("2026-03-0{}T00:00:00Z", day + 1),
        );
        daily.extend(ada.available(&event_type, &start, &end).await);
    }
    assert_eq!(whole, daily);
    // from within the grid
    let tail = ada
        .available(&event_type, "2026-03-03T09:05:00Z", "2026-03-03T10:00:00Z")
        .await;
    assert!(
        whole.windows(tail.len()).any(|window| window == tail),
        "{tail:?}"
    );
    ada.post(
        "/user_busy_times",
        json!({"start_time": "2026-03-03T09:07:00Z", "end_time": "2026-03-03T11:13:00Z"}),
    )
    .await
    .expect(201);
    let less = ada
        .available(&event_type, "2026-03-03T00:00:00Z", "2026-03-08T00:00:00Z")
        .await;
    assert!(less.len() < whole.len());
    assert!(
        less.iter().all(|start| whole.contains(start)),
        "a busy time added a start"
    );
}

async fn notice_and_window_count_from_now(test: Test) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let rolling = json!({"type": "rolling", "days": 1, "weekdays_only": false});
    let event_type = ada
        .event_type(json!({"minimum_notice": 120, "booking_window": rolling}))
        .await;
    let starts = ada
        .available(&event_type, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")
        .await;
    // it is a few moments after 08:00, so 10:00 is too soon; the window ends with tomorrow
    assert_eq!(
        starts.first().map(|start| short(start)).as_deref(),
        Some("2026-03-02T10:30Z")
    );
    assert_eq!(
        starts.last().map(|start| short(start)).as_deref(),
        Some("2026-03-03T23:30Z")
    );
    for (start, code) in [
        ("2026-03-02T07:30:00Z", "in_the_past"),
        ("2026-03-02T10:00:00Z", "minimum_notice"),
        ("2026-03-04T00:00:00Z", "booking_window"),
    ] {
        let refusal = ada.book(&event_type, start).await;
        let mistakes = refusal.mistakes();
        assert_eq!(mistakes.len(), 1, "{start}");
        assert!(
            mistakes[0].starts_with("start_time "),
            "{code}: {mistakes:?}"
        );
        assert!(
            !refusal.expect(400)["alternatives"]
                .as_array()
                .unwrap()
                .is_empty()
        );
    }
    let weekdays = json!({"type": "rolling", "days": 5, "weekdays_only": true});
    ada.patch(&event_type, json!({"booking_window": weekdays}))
        .await
        .expect(200);
    let starts = ada
        .available(&event_type, "2026-03-02T00:00:00Z", "2026-03-20T00:00:00Z")
        .await;
    // five weekdays after Monday: Monday of the next week
    assert_eq!(
        starts.last().map(|start| short(start)).as_deref(),
        Some("2026-03-09T23:30Z")
    );
}

async fn a_window_of_dates_offers_those_dates(test: Test) {
    let ada = test.as_user("ada");
    let range = json!({"type": "range", "start_date": "2026-03-04", "end_date": "2026-03-05"});
    let event_type = ada
        .event_type(json!({"booking_window": range, "duration": 240, "start_time_increment": 240}))
        .await;
    let starts = ada
        .available(&event_type, "2026-03-02T00:00:00Z", "2026-03-20T00:00:00Z")
        .await;
    let starts: Vec<String> = starts.iter().map(|start| short(start)).collect();
    assert_eq!(
        starts,
        [
            "2026-03-04T09:00Z",
            "2026-03-04T13:00Z",
            "2026-03-05T09:00Z",
            "2026-03-05T13:00Z"
        ]
    );
}

async fn a_limit_closes_its_period(test: Test) {
    let ada = test.as_user("ada");
    let limits = json!([{"per": "day", "events": 2}, {"per": "week", "minutes": 120}]);
    let event_type = ada.event_type(json!({"limits": limits})).await;
    let on = async |day: &str| {
        let (start, end) = (format!("{day}T00:00:00Z"), format!("{day}T23:59:00Z"));
        ada.available(&event_type, &start, &end).await.len()
    };
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .expect(201);
    assert_eq!(on("2026-03-03").await, 15);
    ada.book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .expect(201);
    assert_eq!(on("2026-03-03").await, 0);
    ada.book(&event_type, "2026-03-03T11:00:00Z")
        .await
        .refused(409, "limit_reached");
    assert_eq!(on("2026-03-04").await, 16);
    ada.book(&event_type, "2026-03-04T09:00:00Z")
        .await
        .expect(201);
    let last = ada
        .book(&event_type, "2026-03-05T09:00:00Z")
        .await
        .resource(201);
    // two hours of the week from Sunday 1 March to Saturday 7 March are gone
    assert_eq!(on("2026-03-06").await, 0);
    assert_eq!(on("2026-03-09").await, 16);
    ada.book(&event_type, "2026-03-06T09:00:00Z")
        .await
        .refused(409, "limit_reached");
    ada.post(
        format!("{}/cancellation", last["event"].as_str().unwrap()),
        json!({}),
    )
    .await
    .expect(201);
    ada.book(&event_type, "2026-03-06T09:00:00Z")
        .await
        .expect(201);
}

async fn inactive_and_deleted_event_types_offer_nothing(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let offered = async || {
        ada.available(&event_type, "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z")
            .await
            .len()
    };
    assert_eq!(offered().await, 16);
    ada.patch(&event_type, json!({"active": false}))
        .await
        .expect(200);
    assert_eq!(offered().await, 0);
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .refused(404, "not_found");
    ada.patch(&event_type, json!({"active": true}))
        .await
        .expect(200);
    assert_eq!(offered().await, 16);
    ada.delete(&event_type).await.expect(204);
    assert_eq!(offered().await, 0);
    ada.post("/invitees", booking(&event_type, "2026-03-03T09:00:00Z"))
        .await
        .refused(404, "not_found");
}

async fn the_hours_of_an_event_type_are_shown(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let shown = async || -> Value {
        let answer = ada
            .get(path(
                "/event_type_availability_schedules",
                &[("event_type", &event_type)],
            ))
            .await;
        answer.collection()[0].clone()
    };
    assert_eq!(
        shown().await["availability_rule"]["uri"],
        ada.default_schedule().await.as_str()
    );
    let body = json!({"name": "Evenings", "timezone": "Asia/Tokyo", "rules": every_day(&[("18:00", "20:00")])});
    let schedule = ada
        .post("/user_availability_schedules", body)
        .await
        .resource(201);
    ada.patch(
        &event_type,
        json!({"availability_schedule": schedule["uri"]}),
    )
    .await
    .expect(200);
    let expected = json!({
        "event_type": event_type,
        "availability_setting": "host",
        "availability_rule": {
            "timezone": "Asia/Tokyo", "uri": schedule["uri"], "name": "Evenings", "user": ada.uri, "rules": schedule["rules"],
        },
    });
    assert_eq!(shown().await, expected);
    let starts = ada
        .available(&event_type, "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z")
        .await;
    assert_eq!(
        starts.first().map(|start| short(start)).as_deref(),
        Some("2026-03-03T09:00Z")
    );
}
