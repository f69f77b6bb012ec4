//! Routing forms and what was filled in.

use super::{
    bringing::{Bringing, Failure, Thing, digest},
    meetings,
    read::Fields,
};
use crate::{
    api::uri::uuid,
    app::{
        routing_form_submissions::Answered,
        routing_forms::documents::{
            Destination, Match, OperatorWord, Question, QuestionKind, RoutingRule, RuleCondition,
        },
    },
};
use domain::id::{RoutingFormId, RoutingFormSubmissionId};
use serde_json::{Value, json};
use store::{routing_form_submissions::RoutingFormSubmission, routing_forms::RoutingForm};
use uuid::Uuid;

/// Brings all forms and submissions.
pub async fn bring_all(bringing: &Bringing, organization: &str) -> Result<(), Failure> {
    let query = [("organization", organization)];
    let forms = bringing.source.all("/routing_forms", &query).await;
    for value in bringing
        .readable("routing forms", forms)?
        .into_iter()
        .flatten()
    {
        bringing
            .bring_read("routing forms", &value, form(bringing, &value))
            .await?;
        let Ok(uri) = Fields(&value).text("uri") else {
            continue;
        };
        let filled_in = bringing
            .source
            .all("/routing_form_submissions", &[("form", uri)])
            .await;
        let filled_in = bringing.readable("routing form submissions", filled_in)?;
        for value in filled_in.into_iter().flatten() {
            let thing = submission(bringing, &value);
            bringing
                .bring_read("routing form submissions", &value, thing)
                .await?;
        }
    }
    bringing.tally.progress("routing forms");
    bringing.tally.progress("routing form submissions");
    Ok(())
}

/// What a question is called here: what it is called there, if that can be.
fn question_id(bringing: &Bringing, text: &str) -> Uuid {
    uuid(text).unwrap_or_else(|| bringing.id(&format!("/questions/{text}")))
}

fn form(bringing: &Bringing, value: &Value) -> Result<Thing<RoutingForm>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    let mut questions = Vec::new();
    for question in fields.list("questions") {
        questions.push(Question {
            uuid: question_id(bringing, question.text("uuid")?),
            name: question.text("name")?.to_owned(),
            kind: word::<QuestionKind>(question, "type")?,
            required: question.is("required"),
            answer_choices: question
                .document("answer_choices")
                .and_then(|it| serde_json::from_value(it).ok()),
        });
    }
    let rules: Result<Vec<RoutingRule>, String> =
        fields.list("rules").map(|it| rule(bringing, it)).collect();
    let fallback = fields
        .part("fallback")
        .map(|it| destination(bringing, it))
        .transpose()?;
    Ok(Thing {
        kind: "routing forms",
        digest: digest(&[value]),
        along: Vec::new(),
        what: RoutingForm {
            id: RoutingFormId(bringing.id(&path)),
            name: fields.text("name")?.to_owned(),
            is_published: fields.maybe("status") == Some("published"),
            questions: json!(questions),
            rules: json!(rules?),
            fallback: fallback.map(|fallback| json!(fallback)),
            created_at,
            updated_at,
            deleted_at: None,
        },
        path,
    })
}

fn word<T: serde::de::DeserializeOwned>(fields: Fields<'_>, name: &str) -> Result<T, String> {
    let word = json!(fields.text(name)?);
    serde_json::from_value(word)
        .map_err(|_unknown: serde_json::Error| format!("{name} is none that is known"))
}

fn rule(bringing: &Bringing, fields: Fields<'_>) -> Result<RoutingRule, String> {
    let mut conditions = Vec::new();
    for condition in fields.list("conditions") {
        conditions.push(RuleCondition {
            question: question_id(bringing, condition.text("question_uuid")?),
            operator: word::<OperatorWord>(condition, "operator")?,
            value: condition.kept("value"),
        });
    }
    Ok(RoutingRule {
        combination: word::<Match>(fields, "match")?,
        conditions,
        result: destination(bringing, fields.part("result").ok_or("result is missing")?)?,
    })
}

fn destination(bringing: &Bringing, fields: Fields<'_>) -> Result<Destination, String> {
    let message = fields.part("value");
    Ok(match fields.text("type")? {
        "event_type" => {
            let id = bringing.id_of(fields.text("value")?);
            Destination::EventType(id.ok_or("value is no event type")?)
        }
        "external_url" => Destination::ExternalUrl(fields.text("value")?.to_owned()),
        "custom_message" => {
            let message = message.ok_or("value is missing")?;
            Destination::CustomMessage {
                headline: message.maybe("headline").unwrap_or_default().to_owned(),
                body: message.maybe("body").unwrap_or_default().to_owned(),
            }
        }
        _ => return Err("type is none that is known".to_owned()),
    })
}

fn submission(bringing: &Bringing, value: &Value) -> Result<Thing<RoutingFormSubmission>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let form = fields
        .link("routing_form")
        .ok_or("routing_form is missing")?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    let answered = |answered: Fields<'_>| {
        let question = answered.maybe("question").unwrap_or_default();
        Answered {
            question_uuid: question_id(
                bringing,
                answered.maybe("question_uuid").unwrap_or(question),
            ),
            question: question.to_owned(),
            answer: answered.kept("answer"),
        }
    };
    let answers: Vec<Answered> = fields.list("questions_and_answers").map(answered).collect();
    let result = fields
        .part("result")
        .map(|it| destination(bringing, it))
        .transpose()?;
    Ok(Thing {
        kind: "routing form submissions",
        digest: digest(&[value]),
        along: Vec::new(),
        what: RoutingFormSubmission {
            id: RoutingFormSubmissionId(bringing.id(&path)),
            routing_form_id: RoutingFormId(bringing.id(&form)),
            questions_and_answers: json!(answers),
            tracking: meetings::tracking(fields),
            result: result.map(|result| json!(result)),
            invitee: meetings::other(bringing, fields, "submitter"),
            created_at,
            updated_at,
        },
        path,
    })
}
