//! `/routing_form_submissions`: filling in a routing form, and what was filled in.

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{RoutingFormsRead, RoutingFormsWrite},
    },
    input::input,
    invitees::{body::TrackingBody, input::TrackingInput},
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::{Input, Query},
    routing_forms::{body::DestinationBody, input::QuestionUuid, mistaken},
    uri::{Id, Uri, Uris},
    value::{List, text::Text, time::Time},
};
use crate::{
    app::{
        routing_form_submissions::{AnswerSpec, Answered, SubmissionRefusal, Submit},
        routing_forms::{ReadForm, documents::Question},
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{RoutingFormId, RoutingFormSubmissionId};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use store::{
    StoreError,
    routing_form_submissions::{self, RoutingFormSubmission},
    routing_forms,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            list_routing_form_submissions,
            create_routing_form_submission
        ))
        .routes(routes!(get_routing_form_submission))
}

impl From<SubmissionRefusal> for Problem {
    fn from(refusal: SubmissionRefusal) -> Problem {
        match refusal {
            SubmissionRefusal::UnknownForm => Problem::parameter(
                "routing_form",
                "not_found",
                "is not a routing form of the organization",
            ),
            SubmissionRefusal::Draft => {
                Problem::parameter("routing_form", "not_published", "must be published")
            }
            SubmissionRefusal::Mistakes(mistakes) => mistaken(mistakes),
        }
    }
}

/// A routing form that was filled in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionBody {
    /// The submission's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// The form.
    #[schema(format = "uri")]
    pub routing_form: String,
    /// What was answered, in the order of the questions.
    pub questions_and_answers: Vec<AnsweredBody>,
    /// Where whoever filled it in came from.
    pub tracking: TrackingBody,
    /// Where it led; only where it led anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub result: Option<DestinationBody>,
    /// The invitee who booked with it.
    #[schema(required = true, format = "uri")]
    pub submitter: Option<String>,
    /// `Invitee`, where there is one.
    #[schema(required = true)]
    pub submitter_type: Option<String>,
    /// When it was filled in.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// A question with its answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnsweredBody {
    /// The id of the question; null once the form does not have it any more.
    #[schema(required = true, format = "uuid")]
    pub question_uuid: Option<String>,
    /// The question, as it was then.
    pub question: String,
    /// The answer.
    #[schema(required = true)]
    pub answer: Option<String>,
}

impl SubmissionBody {
    /// What is shown of a submission.
    pub fn new(
        submission: &RoutingFormSubmission,
        questions: &[Question],
        uris: &Uris,
    ) -> Result<SubmissionBody, StoreError> {
        let kept = &submission.questions_and_answers;
        let answered: Vec<Answered> = read(submission, "questions_and_answers", kept)?;
        let result = submission.result.as_ref();
        let result = result.map(|result| read(submission, "result", result));
        let is_there = |answered: &Answered| {
            questions
                .iter()
                .any(|question| question.uuid == answered.question_uuid)
        };
        let body = |answered: Answered| AnsweredBody {
            question_uuid: is_there(&answered).then(|| answered.question_uuid.to_string()),
            question: answered.question,
            answer: answered.answer,
        };
        let submitter = submission.invitee;
        Ok(SubmissionBody {
            uri: uris.of(submission.id),
            routing_form: uris.of(submission.routing_form_id),
            questions_and_answers: answered.into_iter().map(body).collect(),
            tracking: TrackingBody::new(&submission.tracking),
            result: result
                .transpose()?
                .map(|result| DestinationBody::new(result, uris)),
            submitter: submitter.map(|link| uris.invitee(link.scheduled_event_id, link.invitee_id)),
            submitter_type: submitter.map(|_| "Invitee".to_owned()),
            created_at: Time(submission.created_at),
            updated_at: Time(submission.updated_at),
        })
    }
}

fn read<T: DeserializeOwned>(
    submission: &RoutingFormSubmission,
    column: &str,
    document: &Value,
) -> Result<T, StoreError> {
    let id = submission.id;
    T::deserialize(document)
        .map_err(|error| StoreError::corrupt("routing_form_submissions", column, id, error))
}

input! {
    /// Which submissions.
    pub struct ListSubmissions {
        /// Of this form.
        pub form: Uri<RoutingFormId>,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List the submissions of a routing form
#[utoipa::path(get, path = "/routing_form_submissions", tag = "Routing forms", params(ListSubmissions), responses((status = 200, description = "A page of submissions", body = Collection<SubmissionBody>)))]
async fn list_routing_form_submissions(
    State(app): State<App>,
    caller: Caller<RoutingFormsRead>,
    Query { query, target }: Query<ListSubmissions>,
) -> Result<Json<Collection<SubmissionBody>>, Problem> {
    caller.must_be_admin()?;
    let (organization, form) = (caller.organization, query.form.0);
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    let row = routing_forms::get_current(&tx, organization, form).await?;
    let content = ReadForm::of(row.ok_or_else(Problem::not_found)?)?.content;
    let mut page = routing_form_submissions::list(&tx, organization, form, &request).await?;
    let uris = app.uris();
    let mut listed = Vec::with_capacity(page.rows.len());
    for row in std::mem::take(&mut page.rows) {
        let key = (row.created_at, row.id.0);
        listed.push((key, SubmissionBody::new(&row, &content.questions, &uris)?));
    }
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |(key, _)| *key,
        |(_, body)| body,
    )))
}

/// Get a submission of a routing form
#[utoipa::path(get, path = "/routing_form_submissions/{uuid}", tag = "Routing forms", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The submission", body = Resource<SubmissionBody>)))]
async fn get_routing_form_submission(
    State(app): State<App>,
    caller: Caller<RoutingFormsRead>,
    Id(id): Id<RoutingFormSubmissionId>,
) -> Result<Json<Resource<SubmissionBody>>, Problem> {
    caller.must_be_admin()?;
    let organization = caller.organization;
    let tx = app.store.read().await?;
    let row = routing_form_submissions::get(&tx, organization, id).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let form = routing_forms::get(&tx, organization, row.routing_form_id).await?;
    let missing = || StoreError::missing("routing_forms", row.routing_form_id);
    let content = ReadForm::of(form.ok_or_else(missing)?)?.content;
    Ok(Json(Resource {
        resource: SubmissionBody::new(&row, &content.questions, &app.uris())?,
    }))
}

input! {
    /// An answer to a question of a routing form.
    pub struct FormAnswerInput {
        /// The id of the question.
        pub question_uuid: Option<QuestionUuid>,
        /// The question to the letter, instead of its id.
        pub question: Option<Text<1, 1_000>>,
        /// The answer.
        pub answer: Option<Text<0, 10_000>>,
    }
}

input! {
    /// A routing form that is filled in.
    pub struct NewSubmission {
        /// Which form, which must be published.
        pub routing_form: Uri<RoutingFormId>,
        /// The answers.
        pub questions_and_answers: List<FormAnswerInput, 0, 50>,
        /// Where whoever fills it in comes from.
        pub tracking: Option<TrackingInput>,
    }
    example {
        "routing_form": "http://127.0.0.1:8080/routing_forms/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "questions_and_answers": [{"question": "Company size", "answer": "1-10"}]
    }
}

/// Fill in a routing form
///
/// `result` says where the answers lead, unless they lead nowhere.
#[utoipa::path(post, path = "/routing_form_submissions", tag = "Routing forms", request_body = NewSubmission, responses((status = 201, description = "The submission", body = Resource<SubmissionBody>)))]
async fn create_routing_form_submission(
    State(app): State<App>,
    caller: Caller<RoutingFormsWrite>,
    input: Input<NewSubmission>,
) -> Result<Response, Problem> {
    let body = input.body;
    let answer = |answer: FormAnswerInput| AnswerSpec {
        question_uuid: answer.question_uuid.map(|uuid| uuid.0),
        question: answer.question.map(|question| question.0),
        answer: answer.answer.map(|answer| answer.0),
    };
    let command = Submit {
        organization: caller.organization,
        id: RoutingFormSubmissionId(fresh_id()),
        form: body.routing_form.0,
        answers: body
            .questions_and_answers
            .0
            .into_iter()
            .map(answer)
            .collect(),
        tracking: body
            .tracking
            .map_or_else(|| json!({}), TrackingInput::document),
        now: app.now(),
    };
    let uris = app.uris();
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, move |(submission, content)| {
        SubmissionBody::new(&submission, &content.questions, &uris)
            .map(|resource| Resource { resource })
    })
    .await
}
