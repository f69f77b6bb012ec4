use super::*;
use Combination::{All, Any};
use uuid::Uuid;

fn question(number: u128) -> RoutingFormQuestionId {
    RoutingFormQuestionId(Uuid::from_u128(number))
}

fn answers(given: &[(u128, &str)]) -> Answers {
    let answer = |(number, text): &(u128, &str)| (question(*number), (*text).to_owned());
    given.iter().map(answer).collect()
}

fn condition(number: u128, operator: Operator, value: &str) -> Condition {
    Condition {
        question: question(number),
        operator,
        value: value.to_owned(),
    }
}

#[test]
fn answers_are_compared_without_regard_to_case_and_space_around() {
    let cases = [
        (Operator::Is, "Sales", "sales", true),
        (Operator::Is, " Sales\n", "SALES", true),
        (Operator::Is, "Sales team", "sales", false),
        (Operator::Is, "STRASSE", "strasse", true),
        (Operator::Is, "ÉMILIE", "émilie", true),
        (Operator::Is, "", "", true),
        (Operator::Is, "  ", "", true),
        (Operator::Contains, "Inside Sales Berlin", "sales", true),
        (Operator::Contains, "Support", "sales", false),
        // nothing is in everything
        (Operator::Contains, "Support", "", true),
        (Operator::StartsWith, "+49 30 123", "+49", true),
        (Operator::StartsWith, "0049 30 123", "+49", false),
        (Operator::EndsWith, "ada@Example.com", "@example.com", true),
        (
            Operator::EndsWith,
            "ada@example.com.evil.org",
            "@example.com",
            false,
        ),
        (Operator::IsEmpty, "", "", true),
        (Operator::IsEmpty, " \t", "", true),
        (Operator::IsEmpty, "0", "", false),
    ];
    for (operator, answer, value, expected) in cases {
        let given = answers(&[(1, answer)]);
        let holds = condition(1, operator, value).holds(&given);
        assert_eq!(holds, expected, "{operator:?} {answer:?} {value:?}");
        let opposite = condition(1, operator.opposite(), value).holds(&given);
        assert_eq!(opposite, !expected, "not {operator:?} {answer:?} {value:?}");
    }
}

#[test]
fn what_was_not_answered_is_empty() {
    let nothing = answers(&[(2, "x")]);
    assert!(condition(1, Operator::IsEmpty, "").holds(&nothing));
    assert!(condition(1, Operator::IsNot, "x").holds(&nothing));
    assert!(!condition(1, Operator::Is, "x").holds(&nothing));
    assert!(!condition(1, Operator::IsNotEmpty, "").holds(&nothing));
}

#[test]
fn the_first_rule_that_holds_decides_and_the_fallback_is_last() {
    let rule = |combination, conditions: &[Condition], destination| Rule {
        combination,
        conditions: conditions.to_vec(),
        destination,
    };
    let large = condition(1, Operator::Is, "large");
    let german = condition(2, Operator::EndsWith, ".de");
    let rules = [
        rule(All, &[large.clone(), german.clone()], "berlin"),
        rule(All, std::slice::from_ref(&large), "sales"),
        rule(Any, &[large, german], "self-service"),
    ];
    let cases: [(&[(u128, &str)], &str); 5] = [
        (&[(1, "Large"), (2, "ada@example.de")], "berlin"),
        (&[(1, "Large"), (2, "ada@example.com")], "sales"),
        (&[(1, "Small"), (2, "ada@example.de")], "self-service"),
        (&[(1, "Small")], "nobody"),
        (&[], "nobody"),
    ];
    for (given, expected) in cases {
        let led = route(&rules, Some(&"nobody"), &answers(given));
        assert_eq!(led, Some(&expected), "{given:?}");
    }
    assert_eq!(route(&rules, None, &answers(&[])), None);
    assert_eq!(route(&rules[..0], Some(&"x"), &answers(&[])), Some(&"x"));
}
