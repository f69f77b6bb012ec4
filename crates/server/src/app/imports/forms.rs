//! Routing forms and what was filled in that are brought over.

use super::{Imported, Place, Reason, Written, refused};
use domain::id::{RoutingFormId, RoutingFormSubmissionId};
use store::{
    WriteError, WriteTx,
    routing_form_submissions::{self, RoutingFormSubmission},
    routing_forms::{self, RoutingForm},
};

impl Imported for RoutingForm {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let mut form = self.clone();
        form.id = RoutingFormId(place.id);
        if place.is_new {
            routing_forms::insert(tx, organization, &form).await?;
            return Ok(Written::Done);
        }
        let Some(here) = routing_forms::get_current(tx, organization, form.id).await? else {
            return Ok(Written::Gone);
        };
        // where answers lead is nothing that every source tells
        if form.rules.as_array().is_none_or(Vec::is_empty) && form.fallback.is_none() {
            form.rules = here.rules;
            form.fallback = here.fallback;
        }
        routing_forms::update(tx, organization, &form).await?;
        Ok(Written::Done)
    }
}

impl Imported for RoutingFormSubmission {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let mut submission = self.clone();
        submission.id = RoutingFormSubmissionId(place.id);
        if routing_forms::get(tx, organization, submission.routing_form_id)
            .await?
            .is_none()
        {
            return refused("its form was not brought over");
        }
        let known = routing_form_submissions::get(tx, organization, submission.id).await?;
        match known {
            None if place.is_new => {
                routing_form_submissions::insert(tx, organization, &submission).await?;
            }
            None => return Ok(Written::Gone),
            Some(_) => {}
        }
        if let Some(invitee) = submission.invitee {
            let at = submission.updated_at;
            routing_form_submissions::link(tx, organization, submission.id, invitee, at).await?;
        }
        Ok(Written::Done)
    }
}
