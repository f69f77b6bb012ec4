//! What an invitee says when booking, checked against what the event type asks: the place and the answers.

use crate::app::event_types::{CustomQuestion, LocationConfiguration, LocationKind, QuestionType};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What is wrong with what an invitee says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Which part of the request.
    pub parameter: String,
    /// The kind of mistake.
    pub code: &'static str,
    /// What would be right.
    pub message: String,
}

fn mistake(
    parameter: impl Into<String>,
    code: &'static str,
    message: impl Into<String>,
) -> Mistake {
    Mistake {
        parameter: parameter.into(),
        code,
        message: message.into(),
    }
}

/// The place an invitee chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenLocation {
    /// One of the event type's kinds.
    pub kind: LocationKind,
    /// The invitee's own place or number.
    pub location: Option<String>,
}

/// Where the meeting takes place, as scheduled events show it; `null` where the event type names no place.
pub fn location(
    offered: &[LocationConfiguration],
    chosen: Option<&ChosenLocation>,
) -> Result<Option<Value>, Mistake> {
    let configured = match chosen {
        None => offered.first(),
        Some(chosen) => Some(offered_as(offered, chosen)?),
    };
    let Some(configured) = configured else {
        return Ok(None);
    };
    let own = chosen.and_then(|chosen| chosen.location.clone());
    let needed = || {
        let message = "must be filled for this kind of location";
        own.clone()
            .ok_or_else(|| mistake("location.location", "required", message))
    };
    let place = configured.location.clone();
    let info = configured.additional_info.as_ref();
    let conference = |name: &str| json!({"type": name, "status": "initiated", "join_url": null});
    let detailed =
        |name: &str| json!({"type": name, "status": "initiated", "join_url": null, "data": null});
    Ok(Some(match configured.kind {
        LocationKind::Physical => with_info(
            json!({"type": "physical", "location": place.or(own).unwrap_or_default()}),
            info,
        ),
        LocationKind::InboundCall => {
            let number = configured.phone_number.clone().unwrap_or_default();
            with_info(json!({"type": "inbound_call", "location": number}), info)
        }
        LocationKind::OutboundCall => json!({"type": "outbound_call", "location": needed()?}),
        LocationKind::AskInvitee => json!({"type": "ask_invitee", "location": needed()?}),
        LocationKind::Custom => json!({"type": "custom", "location": place.or(own)}),
        LocationKind::GoogleConference => conference("google_conference"),
        LocationKind::ZoomConference => detailed("zoom"),
        LocationKind::GotomeetingConference => detailed("gotomeeting"),
        LocationKind::MicrosoftTeamsConference => detailed("microsoft_teams_conference"),
        LocationKind::WebexConference => detailed("webex_conference"),
    }))
}

/// The location an invitee chose: of several of one kind, the one with the invitee's own words.
fn offered_as<'o>(
    offered: &'o [LocationConfiguration],
    chosen: &ChosenLocation,
) -> Result<&'o LocationConfiguration, Mistake> {
    let of_kind = || {
        offered
            .iter()
            .filter(|location| location.kind == chosen.kind)
    };
    let message = "must be one of the event type's locations";
    let first = of_kind().next();
    let first = first.ok_or_else(|| mistake("location.kind", "not_offered", message))?;
    let same = |location: &&LocationConfiguration| location.location == chosen.location;
    match (&chosen.location, of_kind().find(same)) {
        (_, Some(location)) => Ok(location),
        (Some(_), None) if of_kind().count() > 1 && first.location.is_some() => {
            Err(mistake("location.location", "not_offered", message))
        }
        _ => Ok(first),
    }
}

fn with_info(mut location: Value, info: Option<&String>) -> Value {
    if let Some(info) = info {
        location["additional_info"] = json!(info);
    }
    location
}

/// An answer to one of the event type's questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// The answer; of several choices, one a line.
    pub answer: String,
    /// The place of the question among the questions.
    pub position: u32,
}

/// What is wrong with the answers to an event type's questions.
pub fn mistakes(questions: &[CustomQuestion], answers: &[Answer]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (index, answer) in answers.iter().enumerate() {
        let question = questions
            .iter()
            .find(|question| question.enabled && question.name == answer.question);
        match question {
            None => {
                let parameter = format!("questions_and_answers[{index}].question");
                let message = "must be one of the event type's questions, to the letter";
                mistakes.push(mistake(parameter, "unknown_question", message));
            }
            Some(question) if !fits(question, &answer.answer) => {
                let parameter = format!("questions_and_answers[{index}].answer");
                let message = format!(
                    "must be among the choices: {}",
                    question.answer_choices.join(", ")
                );
                mistakes.push(mistake(parameter, "not_a_choice", message));
            }
            Some(_) => {}
        }
    }
    for question in questions
        .iter()
        .filter(|question| question.enabled && question.required)
    {
        let answered =
            |answer: &Answer| answer.question == question.name && !answer.answer.trim().is_empty();
        if !answers.iter().any(answered) {
            let message = format!("must answer the question {:?}", question.name);
            mistakes.push(mistake("questions_and_answers", "required", message));
        }
    }
    mistakes
}

fn fits(question: &CustomQuestion, answer: &str) -> bool {
    let is_choice = |text: &str| question.answer_choices.iter().any(|choice| choice == text);
    match question.kind {
        _ if question.include_other || answer.is_empty() => true,
        QuestionType::SingleSelect => is_choice(answer),
        QuestionType::MultiSelect => answer.split('\n').all(is_choice),
        QuestionType::Line | QuestionType::Lines | QuestionType::PhoneNumber => true,
    }
}
