use super::*;

use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn between(start: &str, end: &str) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Reads `22:00-02:00`.
fn hours(text: &str) -> HoursInterval {
    let (from, to) = text.split_once('-').unwrap();
    HoursInterval::new(
        TimeOfDay::parse(from).unwrap(),
        TimeOfDay::parse(to).unwrap(),
    )
    .unwrap()
}

fn on_weekday(weekday: Weekday, texts: &[&str]) -> Rule {
    Rule::Weekday {
        weekday,
        intervals: texts.iter().map(|text| hours(text)).collect(),
    }
}

fn on_date(day: &str, texts: &[&str]) -> Rule {
    Rule::Date {
        date: date(day),
        intervals: texts.iter().map(|text| hours(text)).collect(),
    }
}

fn schedule(zone: &str, rules: Vec<Rule>) -> Schedule {
    Schedule::new(civil::zone(zone).unwrap(), rules).unwrap()
}

/// What hours on one date are in UTC, as `start/end`; `nothing` when they are not stated at all.
fn in_utc(zone: &str, day: &str, text: &str) -> String {
    let schedule = schedule(zone, vec![on_date(day, &[text])]);
    let noon = civil::instant(
        date(day),
        TimeOfDay::parse("12:00").unwrap(),
        schedule.zone(),
    );
    let days = jiff::SignedDuration::from_hours(96);
    let range = Interval::new(noon - days, noon + days).unwrap();
    match schedule.stated_hours(range).as_slice() {
        [] => "nothing".to_owned(),
        [only] => format!(
            "{}/{}",
            only.start().strftime("%dT%H:%MZ"),
            only.end().strftime("%dT%H:%MZ")
        ),
        more => format!("{more:?}"),
    }
}

/// Checks rows of zone, date and hours as stated, and the day of the month and time that they are in UTC, by hand.
fn check(table: &str) {
    let rows = table
        .lines()
        .map(str::trim)
        .filter(|row| !row.is_empty() && !row.starts_with('#'));
    for row in rows {
        let (stated, expected) = row.split_once(" = ").unwrap();
        let [zone, day, text] = stated.split(' ').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(in_utc(zone, day, text), expected, "{stated}");
    }
}

#[test]
fn hours_around_a_clock_that_moves_forward() {
    check(
        "
        # New York, -05:00 until 2026-03-08T07:00Z, then -04:00: 02:00 to 03:00 does not occur.
        America/New_York 2026-03-08 01:00-03:00 = 08T06:00Z/08T07:00Z
        # Both ends are 07:00Z: the hours are empty and disappear.
        America/New_York 2026-03-08 02:00-03:00 = nothing
        # The start moves to 03:30, past the end at 03:15: negative hours disappear as well.
        America/New_York 2026-03-08 02:30-03:15 = nothing
        # 22:00 -05:00 until 02:00, which moves to 03:00 -04:00.
        America/New_York 2026-03-07 22:00-02:00 = 08T03:00Z/08T07:00Z
        # The end moves on to 03:30 -04:00.
        America/New_York 2026-03-07 22:00-02:30 = 08T03:00Z/08T07:30Z
        # A day of 23 hours.
        America/New_York 2026-03-08 00:00-24:00 = 08T05:00Z/09T04:00Z
        # London, +00:00 until 2026-03-29T01:00Z, then +01:00.
        Europe/London 2026-03-29 00:30-02:30 = 29T00:30Z/29T01:30Z
        # Lord Howe moves by half an hour: +10:30 until 2026-10-03T15:30Z (02:00), then +11:00.
        Australia/Lord_Howe 2026-10-04 01:00-03:00 = 03T14:30Z/03T16:00Z
        # 02:00 moves later by half an hour, to the end.
        Australia/Lord_Howe 2026-10-04 02:00-02:30 = nothing
        # A day of 23 and a half hours.
        Australia/Lord_Howe 2026-10-04 00:00-24:00 = 03T13:30Z/04T13:00Z
        # Troll moves by two hours: +00:00 until 2026-03-29T01:00Z, then +02:00.
        Antarctica/Troll 2026-03-29 00:00-04:00 = 29T00:00Z/29T02:00Z
        # Chatham, +12:45 until 2026-09-26T14:00Z (02:45), then +13:45.
        Pacific/Chatham 2026-09-27 02:00-04:00 = 26T13:15Z/26T14:15Z
        # Casablanca leaves Ramadan time: +00:00 until 2026-03-22T02:00Z, then +01:00.
        Africa/Casablanca 2026-03-22 01:00-04:00 = 22T01:00Z/22T03:00Z
        ",
    );
}

#[test]
fn hours_around_a_clock_that_moves_back() {
    check(
        "
        # New York, -04:00 until 2026-11-01T06:00Z, then -05:00: 01:00 to 02:00 occurs twice.
        America/New_York 2026-11-01 01:00-03:00 = 01T05:00Z/01T08:00Z
        # From the first 01:30 until the only 02:00: 90 minutes.
        America/New_York 2026-11-01 01:30-02:00 = 01T05:30Z/01T07:00Z
        # Both ends are first occurrences: 30 minutes, and not again an hour later.
        America/New_York 2026-11-01 01:00-01:30 = 01T05:00Z/01T05:30Z
        # 22:00 -04:00 until 02:00 -05:00.
        America/New_York 2026-10-31 22:00-02:00 = 01T02:00Z/01T07:00Z
        # Until the first 01:30, -04:00.
        America/New_York 2026-10-31 22:00-01:30 = 01T02:00Z/01T05:30Z
        # A day of 25 hours.
        America/New_York 2026-11-01 00:00-24:00 = 01T04:00Z/02T05:00Z
        # London, +01:00 until 2026-10-25T01:00Z, then +00:00.
        Europe/London 2026-10-25 00:30-02:30 = 24T23:30Z/25T02:30Z
        Europe/London 2026-10-25 01:30-01:45 = 25T00:30Z/25T00:45Z
        # Lord Howe, +11:00 until 2026-04-04T15:00Z (02:00), then +10:30 (01:30).
        Australia/Lord_Howe 2026-04-05 01:00-02:00 = 04T14:00Z/04T15:30Z
        # A day of 24 and a half hours.
        Australia/Lord_Howe 2026-04-05 00:00-24:00 = 04T13:00Z/05T13:30Z
        # Troll, +02:00 until 2026-10-25T01:00Z (03:00), then +00:00 (01:00): two hours occur twice.
        Antarctica/Troll 2026-10-25 01:00-03:00 = 24T23:00Z/25T03:00Z
        # Chatham, +13:45 until 2026-04-04T14:00Z (03:45), then +12:45 (02:45).
        Pacific/Chatham 2026-04-05 02:00-04:00 = 04T12:15Z/04T15:15Z
        # Casablanca enters Ramadan time: +01:00 until 2026-02-15T02:00Z (03:00), then +00:00.
        Africa/Casablanca 2026-02-15 02:00-03:00 = 15T01:00Z/15T03:00Z
        ",
    );
}

#[test]
fn hours_around_a_midnight_that_does_not_exist_or_occurs_twice() {
    check(
        "
        # São Paulo, -03:00 until 2018-11-04T03:00Z (00:00), then -02:00 (01:00).
        America/Sao_Paulo 2018-11-04 00:00-02:00 = 04T03:00Z/04T04:00Z
        America/Sao_Paulo 2018-11-04 00:00-24:00 = 04T03:00Z/05T02:00Z
        America/Sao_Paulo 2018-11-03 22:00-24:00 = 04T01:00Z/04T03:00Z
        # São Paulo, -02:00 until 2018-02-18T02:00Z (00:00), then -03:00 (23:00 of the day before).
        America/Sao_Paulo 2018-02-17 23:00-24:00 = 18T01:00Z/18T03:00Z
        # Cairo, +02:00 until 2024-04-25T22:00Z (00:00), then +03:00 (01:00).
        Africa/Cairo 2024-04-26 00:00-02:00 = 25T22:00Z/25T23:00Z
        # Cairo, +03:00 until 2024-10-31T21:00Z (00:00), then +02:00 (23:00 of the day before).
        Africa/Cairo 2024-10-31 22:00-24:00 = 31T19:00Z/31T22:00Z
        # Beirut, +02:00 until 2024-03-30T22:00Z (00:00), then +03:00 (01:00).
        Asia/Beirut 2024-03-31 00:00-02:00 = 30T22:00Z/30T23:00Z
        # Beirut, +03:00 until 2024-10-26T21:00Z (00:00), then +02:00 (23:00 of the day before).
        Asia/Beirut 2024-10-26 23:00-00:00 = 26T20:00Z/26T22:00Z
        # Havana, -05:00 until 2026-03-08T05:00Z (00:00), then -04:00 (01:00).
        America/Havana 2026-03-08 00:00-02:00 = 08T05:00Z/08T06:00Z
        America/Havana 2026-03-07 22:00-24:00 = 08T03:00Z/08T05:00Z
        # Havana, -04:00 until 2026-11-01T05:00Z (01:00), then -05:00 (00:00): midnight occurs twice, the first counts.
        America/Havana 2026-11-01 00:00-01:00 = 01T04:00Z/01T06:00Z
        ",
    );
}

#[test]
fn hours_around_a_date_that_does_not_exist_and_in_odd_zones() {
    check(
        "
        # Apia, -10:00 until 2011-12-30T10:00Z, then +14:00: from Thursday the 29th straight to Saturday the 31st.
        Pacific/Apia 2011-12-29 09:00-17:00 = 29T19:00Z/30T03:00Z
        Pacific/Apia 2011-12-30 09:00-17:00 = nothing
        Pacific/Apia 2011-12-30 22:00-02:00 = nothing
        Pacific/Apia 2011-12-31 09:00-17:00 = 30T19:00Z/31T03:00Z
        # Thursday's night ends at 02:00 of a Friday that does not exist, which is 02:00 of Saturday.
        Pacific/Apia 2011-12-29 22:00-02:00 = 30T08:00Z/30T12:00Z
        # Kiritimati skipped 1994-12-31; today it is +14:00, a day ahead of most.
        Pacific/Kiritimati 1994-12-31 09:00-17:00 = nothing
        Pacific/Kiritimati 2026-01-01 00:00-24:00 = 31T10:00Z/01T10:00Z
        # Kwajalein skipped 1993-08-21.
        Pacific/Kwajalein 1993-08-21 00:00-24:00 = nothing
        # Kathmandu, +05:45.
        Asia/Kathmandu 2026-01-05 09:00-17:00 = 05T03:15Z/05T11:15Z
        # The longest hours there are: all but two minutes of two days.
        UTC 2026-01-05 23:59-23:58 = 05T23:59Z/06T23:58Z
        # A leap day.
        UTC 2028-02-29 23:00-01:00 = 29T23:00Z/01T01:00Z
        ",
    );
}

#[test]
fn times_of_day_that_are_no_hours_are_refused() {
    let time = |text| TimeOfDay::parse(text).unwrap();
    assert_eq!(
        HoursInterval::new(TimeOfDay::END, time("02:00")),
        Err(HoursError::StartsAtEndOfDay)
    );
    assert_eq!(
        HoursInterval::new(time("09:00"), time("09:00")),
        Err(HoursError::Empty(time("09:00")))
    );
    assert!(HoursInterval::new(time("00:00"), TimeOfDay::END).is_ok());
}

#[test]
fn a_weekday_or_a_date_may_have_one_rule_only() {
    let twice = |first, second| Schedule::new(TimeZone::UTC, vec![first, second]).unwrap_err();
    assert_eq!(
        twice(
            on_weekday(Weekday::Monday, &["09:00-10:00"]),
            on_weekday(Weekday::Monday, &[])
        ),
        ScheduleError::DuplicateWeekday(Weekday::Monday),
    );
    assert_eq!(
        twice(
            on_date("2026-03-02", &[]),
            on_date("2026-03-02", &["09:00-10:00"])
        ),
        ScheduleError::DuplicateDate(date("2026-03-02")),
    );
}

#[test]
fn rules_come_back_as_stated_in_canonical_order() {
    let saturday = on_weekday(Weekday::Saturday, &["13:00-14:00", "09:00-13:00"]);
    let later = on_date("2026-03-09", &[]);
    let earlier = on_date("2026-03-02", &["22:00-02:00"]);
    let sunday = on_weekday(Weekday::Sunday, &[]);
    let schedule = schedule(
        "UTC",
        vec![later.clone(), saturday, earlier.clone(), sunday.clone()],
    );
    let sorted = on_weekday(Weekday::Saturday, &["09:00-13:00", "13:00-14:00"]);
    assert_eq!(
        schedule.rules().collect::<Vec<_>>(),
        [sunday, sorted, earlier, later]
    );
}

#[test]
fn hours_of_a_day_that_touch_or_overlap_merge() {
    let texts = [
        "22:00-02:00",
        "09:00-10:00",
        "10:00-11:00",
        "21:30-22:30",
        "23:00-24:00",
    ];
    let schedule = schedule("UTC", vec![on_date("2026-03-02", &texts)]);
    let expected = [
        WallInterval {
            from: 540,
            until: 660,
        },
        WallInterval {
            from: 1290,
            until: 1560,
        },
    ];
    assert_eq!(schedule.intervals_on(date("2026-03-02")), expected);
}

#[test]
fn a_date_rule_replaces_its_weekday_but_not_the_night_before() {
    let monday = on_weekday(Weekday::Monday, &["22:00-02:00"]);
    let tuesday = on_weekday(Weekday::Tuesday, &["09:00-17:00"]);
    // 2026-03-03 is a Tuesday.
    let schedule = schedule("UTC", vec![monday, tuesday, on_date("2026-03-03", &[])]);
    let week = between("2026-03-02T00:00Z", "2026-03-09T00:00Z");
    assert_eq!(
        schedule.stated_hours(week),
        [between("2026-03-02T22:00Z", "2026-03-03T02:00Z")]
    );
}

#[test]
fn stated_hours_stay_whole_and_hours_are_clipped() {
    let schedule = schedule(
        "UTC",
        vec![
            on_date("2026-03-02", &["22:00-02:00"]),
            on_date("2026-03-03", &["01:00-05:00"]),
        ],
    );
    let range = between("2026-03-03T01:30Z", "2026-03-03T03:00Z");
    let night = between("2026-03-02T22:00Z", "2026-03-03T02:00Z");
    let morning = between("2026-03-03T01:00Z", "2026-03-03T05:00Z");
    assert_eq!(schedule.stated_hours(range), [night, morning]);
    assert_eq!(schedule.hours(range).as_slice(), [range]);
    // Touching a range is not overlapping it.
    assert!(
        schedule
            .stated_hours(between("2026-03-03T05:00Z", "2026-03-03T06:00Z"))
            .is_empty()
    );
}

#[test]
fn a_range_at_the_end_of_time_is_no_trouble() {
    let every_day = Weekday::Sunday
        .cycle_forward()
        .take(7)
        .map(|weekday| on_weekday(weekday, &["22:00-02:00"]));
    for zone in ["Pacific/Kiritimati", "America/New_York", "UTC"] {
        let schedule = schedule(zone, every_day.clone().collect());
        for range in [
            ("9999-12-28T00:00Z", "9999-12-30T21:00Z"),
            ("-009999-01-03T00:00Z", "-009999-01-05T00:00Z"),
        ] {
            assert!(
                !schedule.stated_hours(between(range.0, range.1)).is_empty(),
                "{zone}"
            );
        }
    }
}

#[test]
fn adding_to_a_date_keeps_its_weekly_hours() {
    let weekly = schedule("UTC", vec![on_weekday(Weekday::Monday, &["09:00-12:00"])]);
    let monday = date("2026-03-02");
    let added = weekly.add_to_date(monday, vec![hours("12:00-13:00"), hours("15:00-16:00")]);
    let expected = vec![
        on_weekday(Weekday::Monday, &["09:00-12:00"]),
        on_date("2026-03-02", &["09:00-13:00", "15:00-16:00"]),
    ];
    assert_eq!(added.rules().collect::<Vec<_>>(), expected);
    let again = added.add_to_date(monday, vec![hours("13:00-15:00")]);
    assert_eq!(
        again.intervals_on(monday),
        [WallInterval {
            from: 540,
            until: 960
        }]
    );
}

#[test]
fn hours_of_more_than_a_day_survive_being_stated_again() {
    // 08:00 until 11:00 of the next day is 27 hours, which no single interval of times of day can say.
    let long = schedule("UTC", vec![]).add_to_date(
        date("2026-03-02"),
        vec![hours("12:00-11:00"), hours("08:00-13:00")],
    );
    assert_eq!(
        long.intervals_on(date("2026-03-02")),
        [WallInterval {
            from: 480,
            until: 2100
        }]
    );
    let again = Schedule::new(TimeZone::UTC, long.rules().collect()).unwrap();
    assert_eq!(again, long);
    assert_eq!(
        again.intervals_on(date("2026-03-02")),
        [WallInterval {
            from: 480,
            until: 2100
        }]
    );
}
