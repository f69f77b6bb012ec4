//! `/outgoing_communications`: the mails that were sent, and those that were not.

use super::{
    caller::{Caller, scope::OutgoingCommunicationsRead},
    input::input,
    page::{Count, PageToken, Pagination, Sorted},
    problem::Problem,
    request::Query,
    uri::{Uri, Uris},
    value::{
        time::{Millisecond, Time},
        words,
    },
};
use crate::context::App;
use axum::{Json, extract::State};
use domain::id::OrganizationId;
use serde::Serialize;
use store::{
    outgoing_communications::{self, Filter, MailStatus, OutgoingCommunication},
    page::{Order, stored_range},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_outgoing_communications))
}

words! {
    /// What has become of a mail.
    pub enum MailStatusInput {
        /// It will be tried, perhaps again.
        Waiting = "waiting",
        /// A mail server took it.
        Sent = "sent",
        /// It was refused, or tried for three days.
        Failed = "failed",
    }
}

input! {
    /// Which mails.
    pub struct ListOutgoingCommunications {
        /// Of this organization, which is the caller's.
        pub organization: Uri<OrganizationId>,
        /// Written at this instant or later.
        pub min_created_at: Option<Time>,
        /// Written at this instant or earlier.
        pub max_created_at: Option<Time>,
        /// With this status, also those that are about no meeting. Without it, those about meetings that were sent.
        pub status: Option<MailStatusInput>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// A mail.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutgoingCommunicationBody {
    /// `email`.
    #[serde(rename = "type")]
    #[schema(example = "email")]
    pub kind: &'static str,
    /// To whom.
    pub to: String,
    /// From whom.
    pub from: String,
    /// Its subject.
    #[schema(required = true)]
    pub subject: Option<String>,
    /// Its text. Dots stand for a code that was in the mail.
    pub body: String,
    /// The user on whose behalf it was sent.
    #[schema(required = true, format = "uri")]
    pub sender_uri: Option<String>,
    /// Their mail address.
    #[schema(required = true)]
    pub sender_email: Option<String>,
    /// The event type; null if it is about no meeting.
    #[schema(required = true, format = "uri")]
    pub event_type_uri: Option<String>,
    /// The meeting, the first one of several; null if it is about none.
    #[schema(required = true, format = "uri")]
    pub event_uri: Option<String>,
    /// When it was sent; null if it was not.
    #[schema(required = true)]
    pub sent_at: Option<Millisecond>,
    /// When it was written.
    pub created_at: Millisecond,
    /// The page on which the event type can be booked; null if it is about no meeting.
    #[schema(required = true, format = "uri")]
    pub scheduling_url: Option<String>,
    /// `waiting`, `sent` or `failed`.
    #[schema(example = "sent")]
    pub status: &'static str,
    /// How often it was tried.
    #[schema(minimum = 0)]
    pub attempts: i64,
    /// How the last attempt ended that did not succeed.
    #[schema(required = true)]
    pub last_error: Option<String>,
}

impl OutgoingCommunicationBody {
    fn new(mail: OutgoingCommunication, uris: &Uris) -> OutgoingCommunicationBody {
        let (sender, sender_email) = mail.on_behalf_of.unzip();
        let meeting = mail.meeting.as_ref();
        OutgoingCommunicationBody {
            kind: "email",
            to: mail.recipient,
            from: mail.sender,
            subject: Some(mail.subject),
            body: mail.body,
            sender_uri: sender.map(|user| uris.of(user)),
            sender_email,
            event_type_uri: meeting.map(|meeting| uris.of(meeting.event_type)),
            event_uri: meeting.map(|meeting| uris.of(meeting.event)),
            sent_at: mail.sent_at.map(Millisecond),
            created_at: Millisecond(mail.created_at),
            scheduling_url: meeting.map(|meeting| meeting.scheduling_url.clone()),
            status: mail.status.word(),
            attempts: mail.attempts,
            last_error: mail.last_error,
        }
    }
}

/// A page of mails.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutgoingCommunicationsBody {
    /// The mails.
    pub collection: Vec<OutgoingCommunicationBody>,
    /// Where the page lies.
    pub pagination: Pagination,
    /// Mails on all pages.
    #[schema(minimum = 0)]
    pub total_count: i64,
}

/// List mails
///
/// The one that was written last comes first.
#[utoipa::path(get, path = "/outgoing_communications", tag = "Outgoing communications", params(ListOutgoingCommunications), responses((status = 200, description = "A page of mails", body = OutgoingCommunicationsBody)))]
async fn list_outgoing_communications(
    State(app): State<App>,
    caller: Caller<OutgoingCommunicationsRead>,
    Query { query, target }: Query<ListOutgoingCommunications>,
) -> Result<Json<OutgoingCommunicationsBody>, Problem> {
    if query.organization.0 != caller.organization {
        return Err(Problem::no_permission());
    }
    caller.must_be_admin()?;
    let sorted = Sorted {
        by: "outgoing_communications",
        order: Order::Descending,
    };
    let request = sorted.request(query.count, query.page_token)?;
    let whole = stored_range()?;
    let filter = Filter {
        status: match query.status {
            Some(MailStatusInput::Waiting) => MailStatus::Waiting,
            Some(MailStatusInput::Failed) => MailStatus::Failed,
            Some(MailStatusInput::Sent) | None => MailStatus::Sent,
        },
        range: (
            query.min_created_at.map_or(whole.start(), |at| at.0),
            query.max_created_at.map_or(whole.end(), |at| at.0),
        ),
        others: query.status.is_some(),
    };
    let tx = app.store.read().await?;
    let total_count = outgoing_communications::count(&tx, caller.organization, filter).await?;
    let page = outgoing_communications::list(&tx, caller.organization, filter, &request).await?;
    let uris = app.uris();
    let page = sorted.collection(
        page,
        (&uris, &target),
        OutgoingCommunication::sort_key,
        |mail| OutgoingCommunicationBody::new(mail, &uris),
    );
    Ok(Json(OutgoingCommunicationsBody {
        collection: page.collection,
        pagination: page.pagination,
        total_count,
    }))
}
