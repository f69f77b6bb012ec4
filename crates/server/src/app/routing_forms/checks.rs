//! Whether the parts of a routing form go together: its questions, the rules about their answers, and where these lead.

use super::documents::{
    Destination, Match, OperatorWord, Question, QuestionKind, RoutingRule, RuleCondition,
};
use crate::app::invitees::Mistake;
use std::collections::HashSet;
use uuid::Uuid;

/// A question as it is asked for.
#[derive(Clone, Debug)]
pub struct QuestionSpec {
    /// The question of the form that it was before.
    pub uuid: Option<Uuid>,
    /// Its id, should it be a new one.
    pub fresh: Uuid,
    /// The question.
    pub name: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// Whether it must be answered.
    pub required: bool,
    /// The choices.
    pub answer_choices: Option<Vec<String>>,
}

/// A condition as it is asked for.
#[derive(Clone, Debug)]
pub struct ConditionSpec {
    /// The id of the question.
    pub question_uuid: Option<Uuid>,
    /// The question itself, instead of its id.
    pub question: Option<String>,
    /// How the answer is compared.
    pub operator: OperatorWord,
    /// With what.
    pub value: Option<String>,
}

/// A rule as it is asked for.
#[derive(Clone, Debug)]
pub struct RuleSpec {
    /// How many of the conditions must hold.
    pub combination: Match,
    /// What the answers must be like.
    pub conditions: Vec<ConditionSpec>,
    /// Where they lead.
    pub result: Destination,
}

impl RuleSpec {
    /// What asks for a rule that is there already.
    pub fn of(rule: RoutingRule) -> RuleSpec {
        let condition = |condition: RuleCondition| ConditionSpec {
            question_uuid: Some(condition.question),
            question: None,
            operator: condition.operator,
            value: condition.value,
        };
        RuleSpec {
            combination: rule.combination,
            conditions: rule.conditions.into_iter().map(condition).collect(),
            result: rule.result,
        }
    }
}

/// Collects what is wrong.
#[derive(Debug, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// Notes a mistake. Always `None`, so that it can stand where a value would.
    pub fn note<T>(
        &mut self,
        parameter: String,
        code: &'static str,
        message: impl Into<String>,
    ) -> Option<T> {
        self.0.push(Mistake {
            parameter,
            code,
            message: message.into(),
        });
        None
    }
}

/// The questions of a form that had these before.
pub fn questions(
    specs: &[QuestionSpec],
    before: &[Question],
    mistakes: &mut Mistakes,
) -> Vec<Question> {
    let (mut names, mut uuids) = (HashSet::new(), HashSet::new());
    let mut questions = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        let place = |field: &str| format!("questions[{index}].{field}");
        if !names.insert(spec.name.as_str()) {
            let message = "must differ from all other questions";
            mistakes.note::<()>(place("name"), "duplicate", message);
        }
        if let Some(uuid) = spec.uuid {
            if !before.iter().any(|question| question.uuid == uuid) {
                let message = "is not a question of this form";
                mistakes.note::<()>(place("uuid"), "not_found", message);
            } else if !uuids.insert(uuid) {
                mistakes.note::<()>(place("uuid"), "duplicate", "is named twice");
            }
        }
        match (spec.kind.has_choices(), &spec.answer_choices) {
            (true, None) => {
                let message = "must be filled for select and radios";
                mistakes.note::<()>(place("answer_choices"), "required", message);
            }
            (false, Some(_)) => {
                let message = "must be left out but for select and radios";
                mistakes.note::<()>(place("answer_choices"), "not_allowed", message);
            }
            _ => {}
        }
        questions.push(Question {
            uuid: spec.uuid.unwrap_or(spec.fresh),
            name: spec.name.clone(),
            kind: spec.kind,
            required: spec.required,
            answer_choices: spec.answer_choices.clone(),
        });
    }
    questions
}

/// The rules of a form with these questions.
pub fn rules(
    specs: &[RuleSpec],
    questions: &[Question],
    mistakes: &mut Mistakes,
) -> Vec<RoutingRule> {
    let mut rules = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        let conditions = spec.conditions.iter().enumerate();
        let conditions = conditions.filter_map(|(number, condition)| {
            let place = format!("rules[{index}].conditions[{number}]");
            self::condition(condition, questions, (&place, mistakes))
        });
        rules.push(RoutingRule {
            combination: spec.combination,
            conditions: conditions.collect(),
            result: spec.result.clone(),
        });
    }
    rules
}

fn condition(
    spec: &ConditionSpec,
    questions: &[Question],
    (place, mistakes): (&str, &mut Mistakes),
) -> Option<RuleCondition> {
    let parameter = |field: &str| format!("{place}.{field}");
    let (found, field) = match (spec.question_uuid, &spec.question) {
        (Some(uuid), _) => (
            questions.iter().find(|question| question.uuid == uuid),
            "question_uuid",
        ),
        (None, Some(name)) => (
            questions.iter().find(|question| question.name == *name),
            "question",
        ),
        (None, None) => {
            let message = "must be filled, or question_uuid instead";
            return mistakes.note(parameter("question"), "required", message);
        }
    };
    let Some(question) = found else {
        let message = "must be one of the form's questions";
        return mistakes.note(parameter(field), "unknown_question", message);
    };
    let is_compared = matches!(spec.operator, OperatorWord::Is | OperatorWord::IsNot);
    match (&spec.value, &question.answer_choices) {
        (None, _) if spec.operator.operator().takes_value() => {
            let message = "must be filled for this operator";
            return mistakes.note(parameter("value"), "required", message);
        }
        (Some(_), _) if !spec.operator.operator().takes_value() => {
            let message = "must be left out for this operator";
            return mistakes.note(parameter("value"), "not_allowed", message);
        }
        (Some(value), Some(choices)) if is_compared && !choices.contains(value) => {
            let message = format!("must be among the choices: {}", choices.join(", "));
            return mistakes.note(parameter("value"), "not_a_choice", message);
        }
        _ => {}
    }
    Some(RuleCondition {
        question: question.uuid,
        operator: spec.operator,
        value: spec.value.clone(),
    })
}
