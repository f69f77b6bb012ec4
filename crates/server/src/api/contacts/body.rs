//! What is shown of a contact.

use crate::api::{
    uri::Uris,
    value::{terms::AnyValue, time::Second},
};
use crate::app::contacts::{KnownContact, custom_fields};
use domain::id::CustomFieldDefinitionId;
use serde::Serialize;
use serde_json::Value;
use store::{contacts::ContactEmail, custom_field_definitions::CustomFieldDefinition};
use utoipa::ToSchema;

/// Somebody outside the organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactBody {
    /// The contact's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// The contact's page.
    #[schema(format = "uri")]
    pub app_url: String,
    /// Full name.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Mail addresses, one of which is the primary one.
    pub emails: Vec<ContactEmailBody>,
    /// Phone numbers.
    pub phone_numbers: Vec<ContactPhoneNumberBody>,
    /// IANA zone.
    #[schema(required = true)]
    pub timezone: Option<String>,
    /// What they do.
    #[schema(required = true)]
    pub job_title: Option<String>,
    /// For whom.
    #[schema(required = true)]
    pub company: Option<String>,
    /// ISO 3166-1 code of two letters.
    #[schema(required = true)]
    pub country: Option<String>,
    /// Part of the country.
    #[schema(required = true)]
    pub state: Option<String>,
    /// City.
    #[schema(required = true)]
    pub city: Option<String>,
    /// Address of a page.
    #[schema(required = true)]
    pub linkedin: Option<String>,
    /// Every custom field of the organization; not there with `exclude=custom_fields`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub custom_fields: Option<Vec<CustomFieldBody>>,
    /// When it was added.
    pub created_at: Second,
    /// When it last changed.
    pub updated_at: Second,
    /// When the first mail went to them: always null here.
    #[schema(required = true)]
    pub first_email_date: Option<Second>,
    /// When the last mail went to them: always null here.
    #[schema(required = true)]
    pub last_email_date: Option<Second>,
    /// When the next scheduled event begins to which they come.
    #[schema(required = true)]
    pub next_meeting_date: Option<Second>,
    /// When the last scheduled event began to which they came.
    #[schema(required = true)]
    pub last_meeting_date: Option<Second>,
    /// The same: meetings are all that is known here.
    #[schema(required = true)]
    pub last_interaction_date: Option<Second>,
}

/// A mail address.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactEmailBody {
    /// The address.
    #[schema(format = "email")]
    pub email: String,
    /// Whether it is the one to write to.
    pub is_primary: bool,
}

/// A phone number.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactPhoneNumberBody {
    /// The number.
    pub phone_number: String,
}

/// What a custom field holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomFieldBody {
    /// The URI of the field's definition.
    #[schema(format = "uri")]
    pub uri: String,
    /// What the field is called.
    pub label: String,
    /// What it holds: of `single_select` the option's label; null, or an empty list of `tags`, where it is empty.
    pub value: AnyValue,
}

impl ContactBody {
    /// What is shown of a contact.
    pub fn new(known: KnownContact, uris: &Uris, with_custom_fields: bool) -> ContactBody {
        let custom_fields = with_custom_fields.then(|| fields(&known, uris));
        let contact = known.contact;
        let email = |ContactEmail { email, is_primary }| ContactEmailBody { email, is_primary };
        let last_meeting_date = known.meetings.last.map(Second);
        ContactBody {
            uri: uris.of(contact.id),
            app_url: uris.page(&format!("/app/contacts/{}", contact.id)),
            name: contact.name,
            emails: contact.emails.into_iter().map(email).collect(),
            phone_numbers: (contact.phone_numbers.into_iter())
                .map(|phone_number| ContactPhoneNumberBody { phone_number })
                .collect(),
            timezone: contact.timezone,
            job_title: contact.job_title,
            company: contact.company,
            country: contact.country,
            state: contact.state,
            city: contact.city,
            linkedin: contact.linkedin,
            custom_fields,
            created_at: Second(contact.created_at),
            updated_at: Second(contact.updated_at),
            first_email_date: None,
            last_email_date: None,
            next_meeting_date: known.meetings.next.map(Second),
            last_meeting_date,
            last_interaction_date: last_meeting_date,
        }
    }
}

fn fields(known: &KnownContact, uris: &Uris) -> Vec<CustomFieldBody> {
    let kept = |id: CustomFieldDefinitionId| -> Option<&Value> {
        let found = known
            .values
            .iter()
            .find(|(definition, _)| *definition == id);
        found.map(|(_, value)| value)
    };
    let field = |definition: &CustomFieldDefinition| CustomFieldBody {
        uri: uris.of(definition.id),
        label: definition.label.clone(),
        value: AnyValue(custom_fields::shown(definition, kept(definition.id))),
    };
    known.definitions.iter().map(field).collect()
}
