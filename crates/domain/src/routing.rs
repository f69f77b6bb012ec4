//! Routing forms: where the answers to a form lead.
//!
//! Rules are looked at in their order, and the first one that holds decides. Text is compared without regard to case and
//! to space around it; a question that was not answered counts as one that was answered with nothing.

use crate::id::RoutingFormQuestionId;
use std::collections::BTreeMap;

/// What was answered to which question.
pub type Answers = BTreeMap<RoutingFormQuestionId, String>;

/// How an answer is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// It is the value.
    Is,
    /// It is anything else.
    IsNot,
    /// The value is in it.
    Contains,
    /// The value is not in it.
    DoesNotContain,
    /// It begins with the value.
    StartsWith,
    /// It begins with anything else.
    DoesNotStartWith,
    /// It ends with the value.
    EndsWith,
    /// It ends with anything else.
    DoesNotEndWith,
    /// There is none.
    IsEmpty,
    /// There is one.
    IsNotEmpty,
}

impl Operator {
    /// Whether there is something to compare with.
    pub fn takes_value(self) -> bool {
        !matches!(self, Operator::IsEmpty | Operator::IsNotEmpty)
    }

    /// The operator that holds exactly where this one does not.
    #[must_use]
    pub fn opposite(self) -> Operator {
        match self {
            Operator::Is => Operator::IsNot,
            Operator::IsNot => Operator::Is,
            Operator::Contains => Operator::DoesNotContain,
            Operator::DoesNotContain => Operator::Contains,
            Operator::StartsWith => Operator::DoesNotStartWith,
            Operator::DoesNotStartWith => Operator::StartsWith,
            Operator::EndsWith => Operator::DoesNotEndWith,
            Operator::DoesNotEndWith => Operator::EndsWith,
            Operator::IsEmpty => Operator::IsNotEmpty,
            Operator::IsNotEmpty => Operator::IsEmpty,
        }
    }

    fn holds(self, answer: &str, value: &str) -> bool {
        match self {
            Operator::Is => answer == value,
            Operator::Contains => answer.contains(value),
            Operator::StartsWith => answer.starts_with(value),
            Operator::EndsWith => answer.ends_with(value),
            Operator::IsEmpty => answer.is_empty(),
            Operator::IsNot
            | Operator::DoesNotContain
            | Operator::DoesNotStartWith
            | Operator::DoesNotEndWith
            | Operator::IsNotEmpty => !self.opposite().holds(answer, value),
        }
    }
}

/// What an answer must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The answer to this question.
    pub question: RoutingFormQuestionId,
    /// How it is compared.
    pub operator: Operator,
    /// With what; nothing for operators that compare with nothing.
    pub value: String,
}

impl Condition {
    /// Whether the answers are like that.
    pub fn holds(&self, answers: &Answers) -> bool {
        let answer = answers.get(&self.question).map_or("", String::as_str);
        self.operator.holds(&plain(answer), &plain(&self.value))
    }
}

/// Text as it is compared.
fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

/// How many conditions of a rule must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combination {
    /// Every one.
    All,
    /// At least one.
    Any,
}

/// Where answers lead that are like this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule<D> {
    /// How many of the conditions must hold.
    pub combination: Combination,
    /// What the answers must be like.
    pub conditions: Vec<Condition>,
    /// Where they lead.
    pub destination: D,
}

impl<D> Rule<D> {
    /// Whether the answers are like that.
    pub fn holds(&self, answers: &Answers) -> bool {
        let mut conditions = self.conditions.iter();
        match self.combination {
            Combination::All => conditions.all(|condition| condition.holds(answers)),
            Combination::Any => conditions.any(|condition| condition.holds(answers)),
        }
    }
}

/// Where the answers lead: as the first rule says that holds, and otherwise to the fallback, if there is one.
pub fn route<'d, D>(
    rules: &'d [Rule<D>],
    fallback: Option<&'d D>,
    answers: &Answers,
) -> Option<&'d D> {
    let first = rules.iter().find(|rule| rule.holds(answers));
    first.map(|rule| &rule.destination).or(fallback)
}

#[cfg(test)]
mod tests;
