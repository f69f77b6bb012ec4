//! Filling in a routing form: the answers are checked, and lead somewhere.

use crate::app::feed_events::{EventName, tell};
use crate::{
    api::value::text::{is_mail_address, is_phone_number},
    app::{
        invitees::Mistake,
        routing_forms::{
            ReadForm,
            checks::Mistakes,
            documents::{Content, Destination, Question, QuestionKind, RoutingRule},
        },
    },
};
use domain::{
    id::{OrganizationId, RoutingFormId, RoutingFormQuestionId, RoutingFormSubmissionId},
    routing::{self, Answers},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    routing_form_submissions::{self, RoutingFormSubmission},
    routing_forms,
};
use uuid::Uuid;

/// Why a form cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmissionRefusal {
    /// There is no such form.
    UnknownForm,
    /// It is not published.
    Draft,
    /// The answers are not what is asked for.
    Mistakes(Vec<Mistake>),
}

/// An answer as it is sent.
#[derive(Clone, Debug)]
pub struct AnswerSpec {
    /// The id of the question.
    pub question_uuid: Option<Uuid>,
    /// The question itself, instead of its id.
    pub question: Option<String>,
    /// The answer.
    pub answer: Option<String>,
}

/// A question with its answer, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The id of the question.
    pub question_uuid: Uuid,
    /// The question, as it was then.
    pub question: String,
    /// The answer, where there is one.
    pub answer: Option<String>,
}

/// Fills in a form.
#[derive(Clone, Debug)]
pub struct Submit {
    /// In which organization.
    pub organization: OrganizationId,
    /// The id of the submission.
    pub id: RoutingFormSubmissionId,
    /// Which form.
    pub form: RoutingFormId,
    /// The answers.
    pub answers: Vec<AnswerSpec>,
    /// Where whoever fills it in came from: a document.
    pub tracking: Value,
    /// When.
    pub now: Timestamp,
}

impl Command for Submit {
    type Output = (RoutingFormSubmission, Content);
    type Refusal = SubmissionRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<(RoutingFormSubmission, Content), WriteError<SubmissionRefusal>> {
        let form = routing_forms::get_current(tx, self.organization, self.form).await?;
        let form = form.ok_or(WriteError::Refused(SubmissionRefusal::UnknownForm))?;
        if !form.is_published {
            return Err(WriteError::Refused(SubmissionRefusal::Draft));
        }
        let content = ReadForm::of(form)?.content;
        let answered = answered(&content.questions, &self.answers);
        let answered = answered
            .map_err(|mistakes| WriteError::Refused(SubmissionRefusal::Mistakes(mistakes)))?;
        let result = destination(&content, &answered);
        let submission = RoutingFormSubmission {
            id: self.id,
            routing_form_id: self.form,
            questions_and_answers: document(&answered)?,
            tracking: self.tracking.clone(),
            result: result.as_ref().map(document).transpose()?,
            invitee: None,
            created_at: self.now,
            updated_at: self.now,
        };
        routing_form_submissions::insert(tx, self.organization, &submission).await?;
        let told = (EventName::RoutingFormSubmissionCreated, self.now);
        tell(tx, self.organization, told, (self.id.0, Value::Null)).await?;
        Ok((submission, content))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let submission = routing_form_submissions::get(tx, self.organization, self.id).await?;
        Ok(submission.is_some())
    }
}

fn document(parts: &impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(parts).map_err(StoreError::invalid)
}

/// Where answers lead.
fn destination(content: &Content, answered: &[Answered]) -> Option<Destination> {
    let answer = |answered: &Answered| {
        let id = RoutingFormQuestionId(answered.question_uuid);
        Some((id, answered.answer.clone()?))
    };
    let answers: Answers = answered.iter().filter_map(answer).collect();
    let rules: Vec<_> = content.rules.iter().map(RoutingRule::rule).collect();
    routing::route(&rules, content.fallback.as_ref(), &answers).cloned()
}

/// Every question of a form with its answer.
fn answered(questions: &[Question], specs: &[AnswerSpec]) -> Result<Vec<Answered>, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let mut given: Vec<Option<&str>> = vec![None; questions.len()];
    let mut is_named = vec![false; questions.len()];
    for (index, spec) in specs.iter().enumerate() {
        let place = |field: &str| format!("questions_and_answers[{index}].{field}");
        let Some(number) = asked(questions, spec, &place, &mut mistakes) else {
            continue;
        };
        if std::mem::replace(&mut is_named[number], true) {
            mistakes.note::<()>(place("question"), "duplicate", "is answered twice");
            continue;
        }
        let answer = spec.answer.as_deref();
        given[number] = answer.filter(|answer| !answer.trim().is_empty());
        if let Some(answer) = given[number]
            && let Some((code, message)) = mistake(&questions[number], answer)
        {
            mistakes.note::<()>(place("answer"), code, message);
        }
    }
    let required = questions.iter().zip(&given);
    for (question, _) in required.filter(|(question, given)| question.required && given.is_none()) {
        let message = format!("must answer the question {:?}", question.name);
        mistakes.note::<()>("questions_and_answers".to_owned(), "required", message);
    }
    if !mistakes.0.is_empty() {
        return Err(mistakes.0);
    }
    let answered = |(question, answer): (&Question, Option<&str>)| Answered {
        question_uuid: question.uuid,
        question: question.name.clone(),
        answer: answer.map(str::to_owned),
    };
    Ok(questions.iter().zip(given).map(answered).collect())
}

/// The place of the question that is answered.
fn asked(
    questions: &[Question],
    spec: &AnswerSpec,
    place: &impl Fn(&str) -> String,
    mistakes: &mut Mistakes,
) -> Option<usize> {
    let mut all = questions.iter();
    let (found, field) = match (spec.question_uuid, &spec.question) {
        (Some(uuid), _) => (
            all.position(|question| question.uuid == uuid),
            "question_uuid",
        ),
        (None, Some(name)) => (all.position(|question| question.name == *name), "question"),
        (None, None) => {
            let message = "must be filled, or question_uuid instead";
            return mistakes.note(place("question"), "required", message);
        }
    };
    if found.is_none() {
        let message = "must be one of the form's questions";
        mistakes.note::<()>(place(field), "unknown_question", message);
    }
    found
}

/// What is wrong with an answer.
fn mistake(question: &Question, answer: &str) -> Option<(&'static str, String)> {
    let choices = question.answer_choices.as_deref().unwrap_or_default();
    match question.kind {
        QuestionKind::Select | QuestionKind::Radios => {
            let is_choice = choices.iter().any(|choice| choice == answer);
            let message = || format!("must be among the choices: {}", choices.join(", "));
            (!is_choice).then(|| ("not_a_choice", message()))
        }
        QuestionKind::Email if !is_mail_address(answer) => Some((
            "invalid_email",
            "must be a mail address such as ada@example.com".to_owned(),
        )),
        QuestionKind::Phone if !is_phone_number(answer) => {
            Some(("invalid_format", "must look like +14155551234".to_owned()))
        }
        _ => None,
    }
}
