use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hour_from(start: &str) -> Interval {
    Interval::new(at(start), at(start) + SignedDuration::from_hours(1)).unwrap()
}

fn always() -> Interval {
    Interval::new(at("1960-01-01T00:00Z"), at("2110-01-01T00:00Z")).unwrap()
}

fn parse(rule: &str, first: &str, zone: &str) -> Result<Recurrence, RecurrenceError> {
    Recurrence::parse(
        rule,
        Vec::new(),
        hour_from(first),
        crate::civil::zone(zone).unwrap(),
    )
}

/// The starts of an hour that recurs, in UTC.
fn starts_of(zone: &str, first: &str, rule: &str) -> Vec<String> {
    let instances = parse(rule, first, zone)
        .unwrap()
        .instances(always(), MAX_INSTANCES)
        .unwrap();
    instances
        .iter()
        .map(|instance| instance.start().strftime("%Y-%m-%dT%H:%MZ").to_string())
        .collect()
}

/// Checks rows of zone, first start in UTC and rule, and all starts that follow, in UTC, by hand.
fn check(table: &str) {
    let rows = table
        .lines()
        .map(str::trim)
        .filter(|row| !row.is_empty() && !row.starts_with('#'));
    for row in rows {
        let (asked, expected) = row.split_once(" = ").unwrap();
        let [zone, first, rule] = asked.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let mut expected: Vec<&str> = expected.split(' ').collect();
        expected.insert(0, first);
        assert_eq!(starts_of(zone, first, rule), expected, "{asked}");
    }
}

#[test]
fn rules_name_dates() {
    check(
        "
        UTC 2026-01-03T09:00Z FREQ=DAILY;INTERVAL=10;COUNT=3 = 2026-01-13T09:00Z 2026-01-23T09:00Z
        UTC 2026-01-30T09:00Z RRULE:FREQ=WEEKLY;COUNT=2 = 2026-02-06T09:00Z
        # The last Friday of the month.
        UTC 2026-01-30T09:00Z FREQ=MONTHLY;BYDAY=-1FR;COUNT=3 = 2026-02-27T09:00Z 2026-03-27T09:00Z
        # The last weekday of the month.
        UTC 2026-01-30T09:00Z freq=monthly;byday=MO,TU,WE,TH,FR;bysetpos=-1;count=3 = 2026-02-27T09:00Z 2026-03-31T09:00Z
        # Months without a 31st are left out.
        UTC 2026-01-31T09:00Z FREQ=MONTHLY;COUNT=3 = 2026-03-31T09:00Z 2026-05-31T09:00Z
        UTC 2026-01-31T09:00Z FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3 = 2026-02-28T09:00Z 2026-03-31T09:00Z
        # February 29 comes in leap years, of which 2100 is none.
        UTC 2024-02-29T09:00Z FREQ=YEARLY;COUNT=3 = 2028-02-29T09:00Z 2032-02-29T09:00Z
        UTC 2092-02-29T09:00Z FREQ=YEARLY;UNTIL=21001231 = 2096-02-29T09:00Z
        # The first instance counts although the rule does not name its date, a Saturday.
        UTC 2026-01-03T09:00Z FREQ=WEEKLY;BYDAY=MO;COUNT=3 = 2026-01-05T09:00Z 2026-01-12T09:00Z
        # The time of day may be in the rule.
        UTC 2026-01-03T09:00Z FREQ=DAILY;BYHOUR=10;BYMINUTE=30;COUNT=3 = 2026-01-03T10:30Z 2026-01-04T10:30Z
        ",
    );
}

/// Examples of RFC 5545, section 3.8.5.3; New York is -04:00 until the last Sunday of October and -05:00 after it.
#[test]
fn the_examples_of_the_standard() {
    check(
        "
        # Every other week on Tuesday and Sunday: where the week starts decides.
        America/New_York 1997-08-05T13:00Z FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO = 1997-08-10T13:00Z 1997-08-19T13:00Z 1997-08-24T13:00Z
        America/New_York 1997-08-05T13:00Z FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU = 1997-08-17T13:00Z 1997-08-19T13:00Z 1997-08-31T13:00Z
        America/New_York 1997-05-12T13:00Z FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3 = 1998-05-11T13:00Z 1999-05-17T13:00Z
        America/New_York 1997-05-19T13:00Z FREQ=YEARLY;BYDAY=20MO;COUNT=3 = 1998-05-18T13:00Z 1999-05-17T13:00Z
        America/New_York 1997-01-01T14:00Z FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200 = 1997-04-10T13:00Z 1997-07-19T13:00Z 2000-01-01T14:00Z
        America/New_York 1997-09-04T13:00Z FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3 = 1997-10-07T13:00Z 1997-11-06T14:00Z
        America/New_York 1997-09-28T13:00Z FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3 = 1997-10-29T14:00Z 1997-11-28T14:00Z
        # Friday the 13th.
        America/New_York 1998-02-13T14:00Z FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3 = 1998-03-13T14:00Z 1998-11-13T14:00Z
        # Election day.
        America/New_York 1996-11-05T14:00Z FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3 = 2000-11-07T14:00Z 2004-11-02T14:00Z
        # The second Sunday of a month of the year.
        America/New_York 1997-05-11T13:00Z FREQ=YEARLY;BYMONTH=5;BYDAY=2SU;COUNT=2 = 1998-05-10T13:00Z
        ",
    );
}

#[test]
fn instances_keep_the_wall_time_over_clock_changes() {
    check(
        "
        # 09:00 in New York, -05:00 until 2026-03-08T07:00Z, then -04:00.
        America/New_York 2026-03-06T14:00Z FREQ=DAILY;COUNT=4 = 2026-03-07T14:00Z 2026-03-08T13:00Z 2026-03-09T13:00Z
        # 02:30 does not occur on the 8th and moves to 03:30, on that day only.
        America/New_York 2026-03-07T07:30Z FREQ=DAILY;COUNT=3 = 2026-03-08T07:30Z 2026-03-09T06:30Z
        # 01:30 occurs twice on 1 November and means the first, -04:00.
        America/New_York 2026-10-31T05:30Z FREQ=DAILY;COUNT=3 = 2026-11-01T05:30Z 2026-11-02T06:30Z
        # A first instance in the second 01:30 stays there.
        America/New_York 2026-11-01T06:30Z FREQ=DAILY;COUNT=2 = 2026-11-02T06:30Z
        # Half an hour in Lord Howe: +11:00 until 2026-04-04T15:00Z, then +10:30.
        Australia/Lord_Howe 2026-04-03T22:00Z FREQ=DAILY;COUNT=2 = 2026-04-04T22:30Z
        # 09:00 in Apia: the 30th does not exist, so its instance falls together with the one of the 31st.
        Pacific/Apia 2011-12-29T19:00Z FREQ=DAILY;COUNT=4 = 2011-12-30T19:00Z 2011-12-31T19:00Z
        ",
    );
}

#[test]
fn until_is_inclusive() {
    check(
        "
        UTC 2026-01-03T09:00Z FREQ=DAILY;UNTIL=20260105T090000Z = 2026-01-04T09:00Z 2026-01-05T09:00Z
        UTC 2026-01-03T09:00Z FREQ=DAILY;UNTIL=20260105T085959Z = 2026-01-04T09:00Z
        UTC 2026-01-03T09:00Z FREQ=DAILY;UNTIL=20260104 = 2026-01-04T09:00Z
        # A date and a time without Z are the zone's: 09:00 in New York is 14:00Z.
        America/New_York 2026-01-03T14:00Z FREQ=DAILY;UNTIL=20260104T090000 = 2026-01-04T14:00Z
        # The last of December in Kiritimati, +14:00, although the 30th in UTC.
        Pacific/Kiritimati 2026-12-30T10:00Z FREQ=WEEKLY;UNTIL=20270107 = 2027-01-06T10:00Z
        UTC 2099-12-31T09:00Z FREQ=YEARLY;UNTIL=99991231T235959Z = 2100-12-31T09:00Z
        ",
    );
}

#[test]
fn a_rule_that_names_nothing_else_has_its_first_instance() {
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;UNTIL=99991231",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=31;COUNT=1000",
        "FREQ=DAILY;INTERVAL=10000;UNTIL=20260104",
    ] {
        assert_eq!(
            starts_of("UTC", "2026-01-03T09:00Z", rule),
            ["2026-01-03T09:00Z"],
            "{rule}"
        );
    }
}

#[test]
fn exceptions_do_not_take_place_but_count() {
    let exdates = vec![
        at("2026-01-03T09:00Z"),
        at("2026-01-05T09:00Z"),
        at("2026-01-06T08:00Z"),
    ];
    let recurrence = Recurrence::parse(
        "FREQ=DAILY;COUNT=4",
        exdates,
        hour_from("2026-01-03T09:00Z"),
        TimeZone::UTC,
    )
    .unwrap();
    let expected = [
        hour_from("2026-01-04T09:00Z"),
        hour_from("2026-01-06T09:00Z"),
    ];
    assert_eq!(recurrence.instances(always(), 2).unwrap(), expected);
}

#[test]
fn a_range_gets_the_instances_that_overlap_it() {
    let recurrence = parse("FREQ=DAILY;COUNT=1000", "2026-01-03T09:00Z", "UTC").unwrap();
    let range = Interval::new(at("2027-03-01T09:59Z"), at("2027-03-03T09:00Z")).unwrap();
    let expected = [
        hour_from("2027-03-01T09:00Z"),
        hour_from("2027-03-02T09:00Z"),
    ];
    assert_eq!(recurrence.instances(range, 2), Ok(expected.to_vec()));
    assert_eq!(
        recurrence.instances(range, 1),
        Err(RecurrenceError::TooMany { limit: 1 })
    );
}

#[test]
fn instances_last_exactly_as_long_as_the_first() {
    let night = Interval::new(at("2026-03-06T23:00Z"), at("2026-03-09T01:30Z")).unwrap();
    let zone = crate::civil::zone("America/New_York").unwrap();
    let recurrence = Recurrence::parse("FREQ=DAILY;COUNT=3", Vec::new(), night, zone).unwrap();
    let instances = recurrence.instances(always(), 3).unwrap();
    assert!(
        instances
            .iter()
            .all(|instance| instance.duration() == night.duration())
    );
}

#[test]
fn rules_without_end_or_measure_are_refused() {
    let refusal = |rule: &str| parse(rule, "2026-01-03T09:00Z", "UTC").unwrap_err();
    let too_many = RecurrenceError::TooMany {
        limit: MAX_INSTANCES,
    };
    assert_eq!(refusal("FREQ=DAILY"), RecurrenceError::Endless);
    for rule in [
        "FREQ=SECONDLY;COUNT=2",
        "FREQ=HOURLY;COUNT=2",
        "FREQ=DAILY;BYHOUR=9,10;COUNT=2",
    ] {
        assert_eq!(refusal(rule), RecurrenceError::TooFrequent, "{rule}");
    }
    for rule in [
        "FREQ=DAILY;COUNT=1001",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;COUNT=99999999999999999999999999",
        "FREQ=DAILY;UNTIL=99991231T235959Z",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20400101",
    ] {
        assert_eq!(refusal(rule), too_many, "{rule}");
    }
    assert_eq!(
        refusal("FREQ=DAILY;UNTIL=20260102"),
        RecurrenceError::EndsBeforeFirst
    );
    assert_eq!(refusal(&"A".repeat(501)), RecurrenceError::TooLong(501));
    assert!(parse("FREQ=DAILY;COUNT=1000", "2026-01-03T09:00Z", "UTC").is_ok());
}

#[test]
fn what_is_no_rule_is_refused_with_a_sentence() {
    let table = "
        garbage => \"GARBAGE\" is not a part of a recurrence rule
        FREQ=DAILY;COUNT=2; => \"\" is not a part of a recurrence rule
        FREQ=DAILY;COUNT=2;X-A=1 => \"X-A=1\" is not a part of a recurrence rule
        COUNT=2 => the recurrence rule needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY
        FREQ=DAILY;COUNT=2;COUNT=3 => the recurrence rule has COUNT more than once
        FREQ=DAILY;COUNT=2;UNTIL=20270101 => COUNT and UNTIL exclude each other
        FREQ=FORTNIGHTLY;COUNT=2 => \"FORTNIGHTLY\" is not a value for FREQ
        FREQ=DAILY;INTERVAL=0;COUNT=2 => \"0\" is not a value for INTERVAL
        FREQ=DAILY;INTERVAL=-1;COUNT=2 => \"-1\" is not a value for INTERVAL
        FREQ=DAILY;COUNT=0 => \"0\" is not a value for COUNT
        FREQ=DAILY;COUNT=+2 => \"+2\" is not a value for COUNT
        FREQ=DAILY;UNTIL=20260230 => \"20260230\" is not a value for UNTIL
        FREQ=DAILY;UNTIL=20260101T25 => \"20260101T25\" is not a value for UNTIL
        FREQ=DAILY;UNTIL=20260101T0900é0 => \"20260101T0900é0\" is not a value for UNTIL
        FREQ=DAILY;COUNT=2\0 => \"2\\0\" is not a value for COUNT
        FREQ=WEEKLY;COUNT=2;BYDAY=MO,XX => \"XX\" is not a value for BYDAY
        FREQ=WEEKLY;COUNT=2;BYDAY=é => \"é\" is not a value for BYDAY
        FREQ=MONTHLY;COUNT=2;BYMONTHDAY=0 => \"0\" is not a value for BYMONTHDAY
        FREQ=MONTHLY;COUNT=2;BYMONTHDAY=32 => \"32\" is not a value for BYMONTHDAY
        FREQ=WEEKLY;COUNT=2;BYMONTHDAY=1 => BYMONTHDAY does not go with FREQ=WEEKLY
        FREQ=MONTHLY;COUNT=2;BYWEEKNO=1 => BYWEEKNO needs FREQ=YEARLY
        FREQ=MONTHLY;COUNT=2;BYDAY=6MO => a month has at most five of each weekday
        FREQ=MONTHLY;COUNT=2;BYSETPOS=1 => BYSETPOS needs another BY part to pick from
    ";
    for row in table.lines().filter(|row| row.contains(" => ")) {
        let (rule, sentence) = row.split_once(" => ").unwrap();
        let refusal = parse(rule, "2026-01-03T09:00Z", "UTC").unwrap_err();
        assert_eq!(refusal.to_string(), sentence, "{rule}");
    }
    assert!(parse("", "2026-01-03T09:00Z", "UTC").is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_panics_or_runs_on(text in "[A-Z0-9=;,:+-]{0,60}|FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);(COUNT|UNTIL)=[0-9TZ]{1,16};BY(DAY|MONTH|MONTHDAY|SETPOS|WEEKNO|YEARDAY)=[-0-9,MOTUFR]{1,9}") {
        let _ = parse(&text, "2026-01-03T09:00Z", "Pacific/Apia");
    }
}
