use super::*;

use super::wall_clock::{Day, WallClock};

/// Zones whose clocks do something unusual.
const ODD_ZONES: [&str; 16] = [
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Havana",
    "America/New_York",
    "America/St_Johns",
    "America/Scoresbysund",
    "Europe/London",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "UTC",
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn a_time_of_day_is_read_strictly() {
    for (text, minutes) in [
        ("00:00", 0),
        ("09:05", 545),
        ("23:59", 1439),
        ("24:00", 1440),
    ] {
        let time = TimeOfDay::parse(text).unwrap();
        assert_eq!((time.minutes(), time.to_string().as_str()), (minutes, text));
    }
    let wrong = [
        "", "9:05", "09:5", "24:01", "25:00", "12:60", "+9:05", "09-05", "09:05:00", " 9:05",
        "0９:05", "１２:0",
    ];
    for text in wrong {
        assert_eq!(TimeOfDay::parse(text), None, "{text}");
    }
    assert_eq!(TimeOfDay::new(1441), None);
}

#[test]
fn a_zone_is_known_by_its_iana_name_only() {
    for (name, canonical) in [
        ("Europe/Rome", "Europe/Rome"),
        ("america/new_york", "America/New_York"),
        ("utc", "UTC"),
    ] {
        assert_eq!(zone_name(&zone(name).unwrap()), canonical);
    }
    let wrong = [
        "",
        "Europe/Atlantis",
        "EST5EDT,M3.2.0,M11.1.0",
        "../Europe/Rome",
        "/usr/share/zoneinfo/Europe/Rome",
        "posix/Europe/Rome",
        "right/Europe/Rome",
        "Europe/Rome\0",
        "localtime",
        "posixrules",
        "Etc/Unknown",
        "+01:00",
        "Europe",
    ];
    for name in wrong {
        assert!(zone(name).is_none(), "{name}");
    }
}

#[test]
fn a_skipped_wall_time_moves_later_and_a_repeated_one_is_the_first() {
    let new_york = zone("America/New_York").unwrap();
    let time = |text| TimeOfDay::parse(text).unwrap();
    // -05:00 until 2026-03-08T07:00Z, then -04:00: 02:30 is skipped and moves to 03:30 -04:00.
    assert_eq!(
        instant(date("2026-03-08"), time("02:30"), &new_york),
        at("2026-03-08T07:30Z")
    );
    // -04:00 until 2026-11-01T06:00Z, then -05:00: the first 01:30 is -04:00.
    assert_eq!(
        instant(date("2026-11-01"), time("01:30"), &new_york),
        at("2026-11-01T05:30Z")
    );
    assert_eq!(
        instant(date("2026-11-01"), TimeOfDay::END, &new_york),
        at("2026-11-02T05:00Z")
    );
    assert_eq!(
        wall_time(at("2026-11-01T06:30Z"), &new_york),
        date("2026-11-01").at(1, 30, 0, 0)
    );
    assert_eq!(
        date_of(at("2026-11-01T03:59Z"), &new_york),
        date("2026-10-31")
    );
}

#[test]
fn a_day_starts_with_its_first_instant() {
    for (name, day, expected) in [
        ("UTC", "2026-03-08", "2026-03-08T00:00Z"),
        // -05:00 until 2026-03-08T05:00Z: at midnight the clock moves to 01:00.
        ("America/Havana", "2026-03-08", "2026-03-08T05:00Z"),
        // Midnight occurs twice, at -04:00 and at -05:00.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00Z"),
        // -03:30 until 03:31Z: at one past midnight the clock moves to 01:01, so midnight itself is there.
        ("America/St_Johns", "2010-03-14", "2010-03-14T03:30Z"),
        // -02:00 until 01:00Z: at 23:00 the clock moves straight to midnight.
        ("America/Scoresbysund", "2026-03-29", "2026-03-29T01:00Z"),
        // -05:00 until 1919-03-31T04:30Z: at 23:30 the clock moves to 00:30, with which the day starts.
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30Z"),
        // The date does not exist; the next one starts at 2011-12-30T10:00Z.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z"),
    ] {
        assert_eq!(
            start_of_day(date(day), &zone(name).unwrap()),
            at(expected),
            "{day} in {name}"
        );
    }
}

#[test]
fn a_date_that_a_zone_skipped_does_not_exist() {
    let exists = |name, day| date_exists(date(day), &zone(name).unwrap());
    assert!(!exists("Pacific/Apia", "2011-12-30"));
    assert!(exists("Pacific/Apia", "2011-12-29"));
    assert!(exists("Pacific/Apia", "2011-12-31"));
    assert!(!exists("Pacific/Kiritimati", "1994-12-31"));
    assert!(exists("America/New_York", "2026-03-08"));
}

#[test]
fn days_are_counted_from_1970_on() {
    for date in [
        "-009999-01-01",
        "1969-12-31",
        "1970-01-01",
        "2026-03-08",
        "9999-12-31",
    ] {
        let date: Date = date.parse().unwrap();
        let day = Day::of(date);
        assert_eq!(day.date(), date);
        let after_sunday = usize::try_from(date.weekday().to_sunday_zero_offset()).unwrap();
        assert_eq!(day.days_after_sunday(), after_sunday, "{date}");
    }
    let days: Vec<Date> = Day::of(Date::constant(2024, 2, 28))
        .to(Day::of(Date::constant(2024, 3, 1)))
        .map(Day::date)
        .collect();
    let leap = [(2, 28), (2, 29), (3, 1)].map(|(month, day)| Date::constant(2024, month, day));
    assert_eq!(days, leap);
}

#[test]
fn nothing_panics_at_the_ends_of_time() {
    for name in ODD_ZONES {
        let zone = zone(name).unwrap();
        for day in [Date::MIN, Date::MAX] {
            let mut clock = WallClock::new(&zone);
            assert_eq!(
                clock.instant(Day::of(day), 2878),
                instant_at(wall(day, 2878), &zone),
                "{name}"
            );
            assert_eq!(
                instant(day, TimeOfDay::END, &zone),
                clock.instant(Day::of(day), 1440),
                "{name}"
            );
            let _ = (
                date_exists(day, &zone),
                start_of_day(day, &zone),
                add_days(day, i64::MIN),
                add_days(day, i64::MAX),
            );
        }
        for instant in [Timestamp::MIN, Timestamp::MAX] {
            let _ = date_of(instant, &zone);
        }
    }
}

/// Every quarter of an hour of every day around every clock change of the odd zones, many years long.
#[test]
fn a_wall_clock_says_what_the_zone_says() {
    for name in ODD_ZONES {
        let zone = zone(name).unwrap();
        let changes = zone
            .following(at("1990-01-01T00:00Z"))
            .take_while(|change| change.timestamp() < at("2040-01-01T00:00Z"));
        let mut clock = WallClock::new(&zone);
        for change in changes {
            let day = date_of(change.timestamp(), &zone);
            for day in (-3..=3).map(|offset| add_days(day, offset)) {
                assert_eq!(
                    clock.shows(Day::of(day)),
                    date_exists(day, &zone),
                    "{day} in {name}"
                );
                assert_eq!(
                    clock.start_of_day(Day::of(day)),
                    start_of_day(day, &zone),
                    "{day} in {name}"
                );
                for minutes in (0..2880).step_by(15) {
                    let expected = instant_at(wall(day, minutes), &zone);
                    assert_eq!(
                        clock.instant(Day::of(day), minutes),
                        expected,
                        "{minutes} on {day} in {name}"
                    );
                }
            }
        }
    }
}

#[test]
fn local_times_carry_their_distance_from_utc() {
    let rows = [
        (
            "2026-03-09T09:30Z",
            "Europe/Berlin",
            "2026-03-09T10:30:00+01:00",
        ),
        (
            "2026-03-09T14:00Z",
            "America/New_York",
            "2026-03-09T10:00:00-04:00",
        ),
        (
            "2026-03-09T20:00Z",
            "Asia/Kathmandu",
            "2026-03-10T01:45:00+05:45",
        ),
        ("2026-03-09T09:30Z", "UTC", "2026-03-09T09:30:00+00:00"),
        // the same wall time twice, half an hour apart
        (
            "2026-04-04T14:45Z",
            "Australia/Lord_Howe",
            "2026-04-05T01:45:00+11:00",
        ),
        (
            "2026-04-04T15:15Z",
            "Australia/Lord_Howe",
            "2026-04-05T01:45:00+10:30",
        ),
    ];
    for (instant, zone, expected) in rows {
        let instant: Timestamp = instant.parse().unwrap();
        let zone = super::zone(zone).unwrap();
        assert_eq!(local(instant, &zone).to_string(), expected);
    }
}

#[test]
fn a_day_that_has_begun_goes_on_where_the_clock_falls_back_across_midnight() {
    for (instant, zone_name, shown, begun) in [
        (
            "2010-11-07T02:29Z",
            "America/St_Johns",
            "2010-11-06",
            "2010-11-06",
        ),
        (
            "2010-11-07T02:30Z",
            "America/St_Johns",
            "2010-11-07",
            "2010-11-07",
        ),
        // 00:01 becomes 23:01.
        (
            "2010-11-07T02:31Z",
            "America/St_Johns",
            "2010-11-06",
            "2010-11-07",
        ),
        (
            "2010-11-07T03:29Z",
            "America/St_Johns",
            "2010-11-06",
            "2010-11-07",
        ),
        (
            "2010-11-07T03:30Z",
            "America/St_Johns",
            "2010-11-07",
            "2010-11-07",
        ),
        // 24:00 becomes 23:00: the new date has not begun.
        (
            "2024-10-31T21:30Z",
            "Africa/Cairo",
            "2024-10-31",
            "2024-10-31",
        ),
        // The date after is skipped.
        (
            "2011-12-30T09:59Z",
            "Pacific/Apia",
            "2011-12-29",
            "2011-12-29",
        ),
    ] {
        let (instant, zone) = (instant.parse().unwrap(), zone(zone_name).unwrap());
        assert_eq!(date_of(instant, &zone).to_string(), shown, "{instant}");
        assert_eq!(day_of(instant, &zone).to_string(), begun, "{instant}");
    }
}
