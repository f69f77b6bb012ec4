//! What is shown of a user.

use crate::api::{uri::Uris, value::time::Time};
use domain::id::OrganizationId;
use serde::Serialize;
use store::users::User;
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserBody {
    /// The user's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Full name.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
    /// First segment of the booking page.
    #[schema(example = "ada-lovelace")]
    pub slug: String,
    /// Mail address; empty where a resource has none.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// Address of the booking page.
    #[schema(format = "uri")]
    pub scheduling_url: String,
    /// IANA zone.
    #[schema(example = "Europe/London")]
    pub timezone: String,
    /// `12h` or `24h`.
    pub time_notation: String,
    /// Picture.
    #[schema(required = true, format = "uri")]
    pub avatar_url: Option<String>,
    /// When the user was added.
    pub created_at: Time,
    /// When the user last changed.
    pub updated_at: Time,
    /// The organization.
    #[schema(format = "uri")]
    pub current_organization: String,
    /// Always `User`.
    pub resource_type: String,
    /// Language.
    pub locale: String,
    /// Phone number.
    #[schema(required = true)]
    pub phone_number: Option<String>,
    /// `person`, or `resource`: a room or a piece of equipment.
    #[schema(example = "person")]
    pub kind: String,
}

impl UserBody {
    /// What is shown of a user.
    pub fn new(user: User, organization: OrganizationId, uris: &Uris) -> UserBody {
        UserBody {
            uri: uris.of(user.id),
            scheduling_url: uris.page(&format!("/{}", user.slug)),
            name: user.name,
            slug: user.slug,
            email: user.email,
            timezone: user.timezone,
            time_notation: user.time_notation,
            avatar_url: user.avatar_url,
            created_at: Time(user.created_at),
            updated_at: Time(user.updated_at),
            current_organization: uris.of(organization),
            resource_type: "User".to_owned(),
            locale: user.locale,
            phone_number: user.phone_number,
            kind: user.kind.as_str().to_owned(),
        }
    }
}
