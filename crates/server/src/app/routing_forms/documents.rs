//! The documents that a routing form carries: questions, and where the answers lead.

use crate::api::value::words;
use domain::{
    id::RoutingFormQuestionId,
    routing::{Combination, Condition, Operator, Rule},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use store::{StoreError, routing_forms::RoutingForm};
use uuid::Uuid;

words! {
    /// How a question of a routing form is answered.
    pub enum QuestionKind {
        /// The name of whoever answers.
        Name = "name",
        /// One line.
        Text = "text",
        /// A mail address.
        Email = "email",
        /// A phone number.
        Phone = "phone",
        /// Several lines.
        Textarea = "textarea",
        /// One of the choices, from a list.
        Select = "select",
        /// One of the choices, all of which are seen.
        Radios = "radios",
    }
}

impl QuestionKind {
    /// Whether the answer is one of the question's choices.
    pub fn has_choices(self) -> bool {
        matches!(self, QuestionKind::Select | QuestionKind::Radios)
    }
}

words! {
    /// How an answer is compared with the value of a condition.
    pub enum OperatorWord {
        /// It is the value.
        Is = "is",
        /// It is anything else.
        IsNot = "is_not",
        /// The value is in it.
        Contains = "contains",
        /// The value is not in it.
        DoesNotContain = "does_not_contain",
        /// It begins with the value.
        StartsWith = "starts_with",
        /// It begins with anything else.
        DoesNotStartWith = "does_not_start_with",
        /// It ends with the value.
        EndsWith = "ends_with",
        /// It ends with anything else.
        DoesNotEndWith = "does_not_end_with",
        /// There is none.
        IsEmpty = "is_empty",
        /// There is one.
        IsNotEmpty = "is_not_empty",
    }
}

impl OperatorWord {
    /// What it means.
    pub fn operator(self) -> Operator {
        match self {
            OperatorWord::Is => Operator::Is,
            OperatorWord::IsNot => Operator::IsNot,
            OperatorWord::Contains => Operator::Contains,
            OperatorWord::DoesNotContain => Operator::DoesNotContain,
            OperatorWord::StartsWith => Operator::StartsWith,
            OperatorWord::DoesNotStartWith => Operator::DoesNotStartWith,
            OperatorWord::EndsWith => Operator::EndsWith,
            OperatorWord::DoesNotEndWith => Operator::DoesNotEndWith,
            OperatorWord::IsEmpty => Operator::IsEmpty,
            OperatorWord::IsNotEmpty => Operator::IsNotEmpty,
        }
    }
}

words! {
    /// How many conditions of a rule must hold.
    pub enum Match {
        /// Every one.
        All = "all",
        /// At least one.
        Any = "any",
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its id.
    pub uuid: Uuid,
    /// The question.
    pub name: String,
    /// How it is answered.
    #[serde(rename = "type")]
    pub kind: QuestionKind,
    /// Whether it must be answered.
    pub required: bool,
    /// The choices, where it has some.
    pub answer_choices: Option<Vec<String>>,
}

/// What an answer must be like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCondition {
    /// To which question.
    pub question: Uuid,
    /// How it is compared.
    pub operator: OperatorWord,
    /// With what.
    pub value: Option<String>,
}

/// Where answers lead that are like this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingRule {
    /// How many of the conditions must hold.
    pub combination: Match,
    /// What the answers must be like.
    pub conditions: Vec<RuleCondition>,
    /// Where they lead.
    pub result: Destination,
}

/// Where answers lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Destination {
    /// To a kind of meeting.
    EventType(Uuid),
    /// To a page elsewhere.
    ExternalUrl(String),
    /// To a message.
    CustomMessage {
        /// What it begins with.
        headline: String,
        /// What it says.
        body: String,
    },
}

impl RoutingRule {
    /// The rule as it is decided by.
    pub fn rule(&self) -> Rule<Destination> {
        let condition = |condition: &RuleCondition| Condition {
            question: RoutingFormQuestionId(condition.question),
            operator: condition.operator.operator(),
            value: condition.value.clone().unwrap_or_default(),
        };
        Rule {
            combination: match self.combination {
                Match::All => Combination::All,
                Match::Any => Combination::Any,
            },
            conditions: self.conditions.iter().map(condition).collect(),
            destination: self.result.clone(),
        }
    }
}

/// The documents of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What is asked.
    pub questions: Vec<Question>,
    /// Where the answers lead.
    pub rules: Vec<RoutingRule>,
    /// Where all others lead.
    pub fallback: Option<Destination>,
}

/// The documents of a form.
pub fn content(form: &RoutingForm) -> Result<Content, StoreError> {
    let fallback = form.fallback.as_ref();
    Ok(Content {
        questions: read(form, "questions", &form.questions)?,
        rules: read(form, "rules", &form.rules)?,
        fallback: fallback
            .map(|fallback| read(form, "fallback", fallback))
            .transpose()?,
    })
}

fn read<T: DeserializeOwned>(
    form: &RoutingForm,
    column: &str,
    document: &Value,
) -> Result<T, StoreError> {
    T::deserialize(document)
        .map_err(|error| StoreError::corrupt("routing_forms", column, form.id, error))
}
