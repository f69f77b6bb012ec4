//! Where a form leads, against what its rules say one by one.

use domain::id::RoutingFormQuestionId;
use domain::routing::{Answers, Combination, Condition, Operator, Rule, route};
use proptest::prelude::*;
use uuid::Uuid;

use crate::config;

fn question() -> impl Strategy<Value = RoutingFormQuestionId> {
    (0..4_u128).prop_map(|number| RoutingFormQuestionId(Uuid::from_u128(number)))
}

/// So short and of so few letters that it is often the same.
fn text() -> impl Strategy<Value = String> {
    "[aAbB ]{0,3}"
}

fn condition() -> impl Strategy<Value = Condition> {
    let operators = [
        Operator::Is,
        Operator::IsNot,
        Operator::Contains,
        Operator::DoesNotContain,
        Operator::StartsWith,
        Operator::DoesNotStartWith,
        Operator::EndsWith,
        Operator::DoesNotEndWith,
        Operator::IsEmpty,
        Operator::IsNotEmpty,
    ];
    let operator = prop::sample::select(operators.to_vec());
    (question(), operator, text()).prop_map(|(question, operator, value)| Condition {
        question,
        operator,
        value,
    })
}

fn rule() -> impl Strategy<Value = (Combination, Vec<Condition>)> {
    let combination = prop_oneof![Just(Combination::All), Just(Combination::Any)];
    (combination, prop::collection::vec(condition(), 1..4))
}

fn rules() -> impl Strategy<Value = Vec<Rule<usize>>> {
    let numbered = |rules: Vec<(Combination, Vec<Condition>)>| {
        let rules = rules.into_iter().enumerate();
        let rule = |(destination, (combination, conditions))| Rule {
            combination,
            conditions,
            destination,
        };
        rules.map(rule).collect()
    };
    prop::collection::vec(rule(), 0..6).prop_map(numbered)
}

fn answers() -> impl Strategy<Value = Answers> {
    prop::collection::btree_map(question(), text(), 0..4)
}

/// A rule that holds exactly where this one does not.
fn opposite(rule: &Rule<usize>) -> Rule<usize> {
    let turned = |condition: &Condition| Condition {
        operator: condition.operator.opposite(),
        ..condition.clone()
    };
    Rule {
        combination: match rule.combination {
            Combination::All => Combination::Any,
            Combination::Any => Combination::All,
        },
        conditions: rule.conditions.iter().map(turned).collect(),
        destination: rule.destination,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_form_leads_where_its_first_rule_that_holds_does(rules in rules(), answers in answers()) {
        let led = route(&rules, Some(&usize::MAX), &answers);
        match led {
            Some(&usize::MAX) => prop_assert!(rules.iter().all(|rule| !rule.holds(&answers))),
            Some(&place) => {
                prop_assert!(rules[place].holds(&answers));
                prop_assert!(rules[..place].iter().all(|rule| !rule.holds(&answers)));
                // what comes after it does not matter
                prop_assert_eq!(route(&rules[..=place], None, &answers), led);
            }
            None => prop_assert!(false, "there is a fallback"),
        }
    }

    #[test]
    fn either_a_rule_holds_or_its_opposite(rules in rules(), answers in answers()) {
        for rule in &rules {
            prop_assert_ne!(rule.holds(&answers), opposite(rule).holds(&answers));
        }
    }

    #[test]
    fn space_around_answers_and_their_case_do_not_matter(rules in rules(), answers in answers()) {
        let shouted = answers.iter().map(|(question, text)| (*question, format!(" {}\n", text.to_uppercase())));
        let shouted: Answers = shouted.collect();
        prop_assert_eq!(route(&rules, None, &answers), route(&rules, None, &shouted));
    }
}
