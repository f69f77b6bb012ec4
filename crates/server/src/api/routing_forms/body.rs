//! What is shown of a routing form.

use crate::{
    api::{uri::Uris, value::time::Time},
    app::routing_forms::{
        ReadForm,
        documents::{
            Destination, Match, OperatorWord, Question, QuestionKind, RoutingRule, RuleCondition,
        },
    },
};
use domain::id::{EventTypeId, OrganizationId};
use serde::Serialize;
use utoipa::ToSchema;

/// A routing form.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoutingFormBody {
    /// The form's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// The organization.
    #[schema(format = "uri")]
    pub organization: String,
    /// Its name.
    #[schema(example = "Contact us")]
    pub name: String,
    /// `draft`, or `published`: it can be filled in.
    #[schema(example = "published")]
    pub status: String,
    /// What is asked.
    pub questions: Vec<FormQuestionBody>,
    /// Where the answers lead; the first rule that holds decides.
    pub rules: Vec<RoutingRuleBody>,
    /// Where answers lead for which no rule holds.
    #[schema(required = true)]
    pub fallback: Option<DestinationBody>,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// A question of a routing form.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormQuestionBody {
    /// Its id.
    #[schema(format = "uuid")]
    pub uuid: String,
    /// The question.
    #[schema(example = "How large is your company?")]
    pub name: String,
    /// How it is answered.
    #[serde(rename = "type")]
    pub kind: QuestionKind,
    /// Whether it must be answered.
    pub required: bool,
    /// The choices of `select` and `radios`.
    #[schema(required = true)]
    pub answer_choices: Option<Vec<String>>,
}

/// Where answers lead that are like this.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoutingRuleBody {
    /// How many of the conditions must hold.
    #[serde(rename = "match")]
    pub combination: Match,
    /// What the answers must be like.
    pub conditions: Vec<RuleConditionBody>,
    /// Where they lead.
    pub result: DestinationBody,
}

/// What an answer must be like.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleConditionBody {
    /// The id of the question.
    #[schema(format = "uuid")]
    pub question_uuid: String,
    /// The question.
    pub question: String,
    /// How the answer is compared.
    pub operator: OperatorWord,
    /// With what.
    #[schema(required = true)]
    pub value: Option<String>,
}

/// Where answers lead.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum DestinationBody {
    /// The URI of an event type.
    EventType(String),
    /// The address of a page elsewhere.
    ExternalUrl(String),
    /// A message.
    CustomMessage(CustomMessageBody),
}

/// A message to whoever fills in a form.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomMessageBody {
    /// What it begins with.
    pub headline: String,
    /// What it says.
    pub body: String,
}

impl DestinationBody {
    /// What is shown of a destination.
    pub fn new(destination: Destination, uris: &Uris) -> DestinationBody {
        match destination {
            Destination::EventType(id) => DestinationBody::EventType(uris.of(EventTypeId(id))),
            Destination::ExternalUrl(url) => DestinationBody::ExternalUrl(url),
            Destination::CustomMessage { headline, body } => {
                DestinationBody::CustomMessage(CustomMessageBody { headline, body })
            }
        }
    }
}

impl RoutingFormBody {
    /// What is shown of a form.
    pub fn new(read: ReadForm, organization: OrganizationId, uris: &Uris) -> RoutingFormBody {
        let ReadForm { form, content } = read;
        let rule = |rule| rule_body(rule, &content.questions, uris);
        RoutingFormBody {
            uri: uris.of(form.id),
            organization: uris.of(organization),
            status: form.status().to_owned(),
            name: form.name,
            rules: content.rules.into_iter().map(rule).collect(),
            questions: content.questions.iter().map(question_body).collect(),
            fallback: content
                .fallback
                .map(|fallback| DestinationBody::new(fallback, uris)),
            created_at: Time(form.created_at),
            updated_at: Time(form.updated_at),
        }
    }
}

fn question_body(question: &Question) -> FormQuestionBody {
    FormQuestionBody {
        uuid: question.uuid.to_string(),
        name: question.name.clone(),
        kind: question.kind,
        required: question.required,
        answer_choices: question.answer_choices.clone(),
    }
}

fn rule_body(rule: RoutingRule, questions: &[Question], uris: &Uris) -> RoutingRuleBody {
    let name = |condition: &RuleCondition| {
        let question = questions
            .iter()
            .find(|question| question.uuid == condition.question);
        question.map_or_else(String::new, |question| question.name.clone())
    };
    let condition = |condition: RuleCondition| RuleConditionBody {
        question_uuid: condition.question.to_string(),
        question: name(&condition),
        operator: condition.operator,
        value: condition.value,
    };
    RoutingRuleBody {
        combination: rule.combination,
        conditions: rule.conditions.into_iter().map(condition).collect(),
        result: DestinationBody::new(rule.result, uris),
    }
}
