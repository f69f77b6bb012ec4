//! Making, editing and deleting routing forms.

pub mod checks;
pub mod documents;

use checks::{Mistakes, QuestionSpec, RuleSpec};
use documents::{Content, Destination, content};
use domain::id::{EventTypeId, OrganizationId, RoutingFormId};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, event_types, organizations,
    routing_forms::{self, RoutingForm},
};

use crate::app::invitees::Mistake;

/// Why a form cannot be made, edited or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormRefusal {
    /// There is no such form.
    Unknown,
    /// Its parts do not go together.
    Mistakes(Vec<Mistake>),
}

type Refused = WriteError<FormRefusal>;

/// What is asked for of a form; what is `None` stays, and is empty of a new one.
#[derive(Clone, Debug, Default)]
pub struct FormSpec {
    /// Its name.
    pub name: Option<String>,
    /// Whether it can be filled in.
    pub is_published: Option<bool>,
    /// What is asked.
    pub questions: Option<Vec<QuestionSpec>>,
    /// Where the answers lead.
    pub rules: Option<Vec<RuleSpec>>,
    /// Where all others lead.
    pub fallback: Option<Option<Destination>>,
}

impl FormSpec {
    /// Writes what is asked for into a form, whose parts must go together then.
    async fn apply(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
        form: &mut RoutingForm,
    ) -> Result<(), Refused> {
        let before = content(form)?;
        let mut mistakes = Mistakes::default();
        let questions = match &self.questions {
            None => before.questions,
            Some(specs) => checks::questions(specs, &before.questions, &mut mistakes),
        };
        // the rules that stay must be about questions that stay
        let specs = self.rules.clone().unwrap_or_else(|| {
            let rules = before.rules.into_iter();
            rules.map(RuleSpec::of).collect()
        });
        let rules = checks::rules(&specs, &questions, &mut mistakes);
        self.check_destinations(tx, organization, &mut mistakes)
            .await?;
        if !mistakes.0.is_empty() {
            return Err(WriteError::Refused(FormRefusal::Mistakes(mistakes.0)));
        }
        if let Some(name) = &self.name {
            form.name.clone_from(name);
        }
        form.is_published = self.is_published.unwrap_or(form.is_published);
        form.questions = document(&questions)?;
        form.rules = document(&rules)?;
        if let Some(fallback) = &self.fallback {
            form.fallback = fallback.as_ref().map(document).transpose()?;
        }
        Ok(())
    }

    /// Nothing may lead to an event type that is not there.
    async fn check_destinations(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
        mistakes: &mut Mistakes,
    ) -> Result<(), StoreError> {
        let rules = self.rules.iter().flatten().enumerate();
        let results = rules.map(|(index, rule)| (format!("rules[{index}].result"), &rule.result));
        let fallback = self.fallback.iter().flatten();
        let fallback = fallback.map(|fallback| ("fallback".to_owned(), fallback));
        for (place, destination) in results.chain(fallback) {
            let Destination::EventType(id) = destination else {
                continue;
            };
            let event_type = event_types::get(tx, organization, EventTypeId(*id)).await?;
            let is_there = |event_type: event_types::EventType| {
                event_type.deleted_at.is_none() && !event_type.hidden
            };
            if !event_type.is_some_and(is_there) {
                let message = "is not an event type of the organization";
                mistakes.note::<()>(format!("{place}.value"), "not_found", message);
            }
        }
        Ok(())
    }
}

fn document(parts: &impl serde::Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(parts).map_err(StoreError::invalid)
}

/// A form with its documents read.
#[derive(Clone, Debug)]
pub struct ReadForm {
    /// The form.
    pub form: RoutingForm,
    /// Its documents.
    pub content: Content,
}

impl ReadForm {
    /// The form with its documents read.
    pub fn of(form: RoutingForm) -> Result<ReadForm, StoreError> {
        let content = content(&form)?;
        Ok(ReadForm { form, content })
    }
}

/// Makes a form.
#[derive(Clone, Debug)]
pub struct AddForm {
    /// In which organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: RoutingFormId,
    /// What is asked for.
    pub spec: FormSpec,
    /// When.
    pub now: Timestamp,
}

impl Command for AddForm {
    type Output = ReadForm;
    type Refusal = FormRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<ReadForm, Refused> {
        let mut form = RoutingForm {
            id: self.id,
            name: String::new(),
            is_published: false,
            questions: json!([]),
            rules: json!([]),
            fallback: None,
            created_at: self.now,
            updated_at: self.now,
            deleted_at: None,
        };
        self.spec.apply(tx, self.organization, &mut form).await?;
        routing_forms::insert(tx, self.organization, &form).await?;
        Ok(ReadForm::of(form)?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let form = routing_forms::get(tx, self.organization, self.id).await?;
        Ok(form.is_some())
    }
}

/// The form, once nobody else can edit it.
async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: RoutingFormId,
) -> Result<RoutingForm, Refused> {
    organizations::lock(tx, organization).await?;
    let form = routing_forms::get_current(tx, organization, id).await?;
    form.ok_or(WriteError::Refused(FormRefusal::Unknown))
}

/// Edits a form.
#[derive(Clone, Debug)]
pub struct EditForm {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which form.
    pub id: RoutingFormId,
    /// What is asked for.
    pub spec: FormSpec,
    /// When.
    pub now: Timestamp,
}

impl Command for EditForm {
    type Output = ReadForm;
    type Refusal = FormRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<ReadForm, Refused> {
        let mut form = lock(tx, self.organization, self.id).await?;
        self.spec.apply(tx, self.organization, &mut form).await?;
        form.updated_at = self.now;
        routing_forms::update(tx, self.organization, &form).await?;
        Ok(ReadForm::of(form)?)
    }
}

/// Deletes a form. What was filled in stays.
#[derive(Clone, Copy, Debug)]
pub struct DeleteForm {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which form.
    pub id: RoutingFormId,
    /// When.
    pub now: Timestamp,
}

impl Command for DeleteForm {
    type Output = ();
    type Refusal = FormRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), Refused> {
        let mut form = lock(tx, self.organization, self.id).await?;
        form.updated_at = self.now;
        form.deleted_at = Some(self.now);
        Ok(routing_forms::update(tx, self.organization, &form).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let form = routing_forms::get(tx, self.organization, self.id).await?;
        Ok(form.is_some_and(|form| form.deleted_at == Some(self.now)))
    }
}
