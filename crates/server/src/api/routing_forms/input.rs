//! What is sent to make or edit a routing form.

use super::destination::DestinationInput;
use crate::{
    api::{
        input::{Parse, Reader, input},
        uri::uuid,
        value::{
            Change, List,
            text::{Text, format, string, text},
            words,
        },
    },
    app::routing_forms::{
        FormSpec,
        checks::{ConditionSpec, QuestionSpec, RuleSpec},
        documents::{Match, OperatorWord, QuestionKind},
    },
    context::fresh_id,
};
use serde_json::Value;
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use uuid::Uuid;

/// The id of a question in a request.
#[derive(Clone, Copy, Debug)]
pub struct QuestionUuid(pub Uuid);

impl Parse for QuestionUuid {
    fn parse(value: &Value, reader: &mut Reader) -> Option<QuestionUuid> {
        match uuid(text(value, reader)?) {
            Some(id) => Some(QuestionUuid(id)),
            None => reader.problem("invalid_format", "must be the uuid of a question"),
        }
    }

    fn schema() -> RefOr<Schema> {
        let example = string("0193a5c8-7d3e-7000-8000-2b1f5f0c9a11");
        format(example, KnownFormat::Uuid).into()
    }
}

input! {
    /// A question of a routing form.
    pub struct FormQuestionInput {
        /// The question of this form that it was before; without it, it is a new one.
        pub uuid: Option<QuestionUuid>,
        /// The question, which differs from all others of the form.
        pub name: Text<1, 1_000>,
        /// How it is answered.
        pub r#type: QuestionKind,
        /// Whether it must be answered; `false` by default.
        pub required: Option<bool>,
        /// The choices of `select` and `radios`.
        pub answer_choices: Option<List<Text<1, 255>, 1, 100>>,
    }
}

input! {
    /// What an answer must be like.
    pub struct RuleConditionInput {
        /// The id of the question.
        pub question_uuid: Option<QuestionUuid>,
        /// The question to the letter, instead of its id.
        pub question: Option<Text<1, 1_000>>,
        /// How the answer is compared, without regard to case and space around.
        pub operator: OperatorWord,
        /// With what; left out for `is_empty` and `is_not_empty`.
        pub value: Option<Text<1, 1_000>>,
    }
}

input! {
    /// Where answers lead that are like this.
    pub struct RoutingRuleInput {
        /// How many of the conditions must hold; `all` by default.
        pub r#match: Option<Match>,
        /// What the answers must be like.
        pub conditions: List<RuleConditionInput, 1, 20>,
        /// Where they lead.
        pub result: DestinationInput,
    }
}

words! {
    /// Whether a form can be filled in.
    pub enum FormStatus {
        /// Not yet, or no more.
        Draft = "draft",
        /// It can.
        Published = "published",
    }
}

/// The questions of a form.
pub type Questions = List<FormQuestionInput, 1, 50>;
/// The rules of a form.
pub type Rules = List<RoutingRuleInput, 0, 100>;

input! {
    /// A new routing form.
    pub struct NewRoutingForm {
        /// Its name.
        pub name: Text<1, 255>,
        /// `draft` by default.
        pub status: Option<FormStatus>,
        /// What is asked.
        pub questions: Questions,
        /// Where the answers lead; the first rule that holds decides. None by default.
        pub rules: Option<Rules>,
        /// Where answers lead for which no rule holds; nowhere by default.
        pub fallback: Option<DestinationInput>,
    }
    example {
        "name": "Contact us",
        "questions": [{"name": "Company size", "type": "select", "required": true, "answer_choices": ["1-10", "11 or more"]}],
        "rules": [{
            "conditions": [{"question": "Company size", "operator": "is", "value": "1-10"}],
            "result": {"type": "external_url", "value": "https://example.com/pricing"}
        }],
        "fallback": {"type": "custom_message", "value": {"headline": "Thank you", "body": "We will call you."}}
    }
}

input! {
    /// What changes of a routing form; what is left out stays.
    pub struct RoutingFormChanges {
        /// Its name.
        pub name: Option<Text<1, 255>>,
        /// Whether it can be filled in.
        pub status: Option<FormStatus>,
        /// What is asked; replaces all questions, of which those with their `uuid` stay the same.
        pub questions: Option<Questions>,
        /// Where the answers lead; replaces all rules.
        pub rules: Option<Rules>,
        /// Where answers lead for which no rule holds; null: nowhere.
        pub fallback: Change<DestinationInput>,
    }
    example {"status": "published"}
}

impl NewRoutingForm {
    /// What is asked for.
    pub fn spec(self) -> FormSpec {
        FormSpec {
            name: Some(self.name.0),
            is_published: self.status.map(is_published),
            questions: Some(questions(self.questions)),
            rules: self.rules.map(rules),
            fallback: self.fallback.map(|fallback| Some(fallback.0)),
        }
    }
}

impl RoutingFormChanges {
    /// What is asked for.
    pub fn spec(self) -> FormSpec {
        FormSpec {
            name: self.name.map(|name| name.0),
            is_published: self.status.map(is_published),
            questions: self.questions.map(questions),
            rules: self.rules.map(rules),
            fallback: match self.fallback {
                Change::Keep => None,
                Change::Clear => Some(None),
                Change::Set(fallback) => Some(Some(fallback.0)),
            },
        }
    }
}

fn is_published(status: FormStatus) -> bool {
    status == FormStatus::Published
}

fn questions(questions: Questions) -> Vec<QuestionSpec> {
    let choices = |choices: List<Text<1, 255>, 1, 100>| {
        let choices = choices.0.into_iter();
        choices.map(|choice| choice.0).collect()
    };
    let spec = |question: FormQuestionInput| QuestionSpec {
        uuid: question.uuid.map(|uuid| uuid.0),
        fresh: fresh_id(),
        name: question.name.0,
        kind: question.r#type,
        required: question.required.unwrap_or(false),
        answer_choices: question.answer_choices.map(choices),
    };
    questions.0.into_iter().map(spec).collect()
}

fn rules(rules: Rules) -> Vec<RuleSpec> {
    let condition = |condition: RuleConditionInput| ConditionSpec {
        question_uuid: condition.question_uuid.map(|uuid| uuid.0),
        question: condition.question.map(|question| question.0),
        operator: condition.operator,
        value: condition.value.map(|value| value.0),
    };
    let spec = |rule: RoutingRuleInput| RuleSpec {
        combination: rule.r#match.unwrap_or(Match::All),
        conditions: rule.conditions.0.into_iter().map(condition).collect(),
        result: rule.result.0,
    };
    rules.0.into_iter().map(spec).collect()
}
