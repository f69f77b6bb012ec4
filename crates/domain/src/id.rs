//! One type an entity, so that an id of one kind cannot be passed where another is meant.
//!
//! Ids are made outside this crate and carried in.

use std::fmt;

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$documentation:meta])* $name:ident;)*) => {$(
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(
            /// The id itself.
            pub Uuid,
        );

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )*};
}

ids! {
    /// Names an organization: the tenant to which everything else belongs.
    OrganizationId;
    /// Names a person of an organization.
    UserId;
    /// Names the membership of a person in an organization.
    MembershipId;
    /// Names an access token.
    TokenId;
    /// Names a browser that is signed in.
    SessionId;
    /// Names an application that may act for users.
    OAuthApplicationId;
    /// Names that a user allowed an application to act for them.
    OAuthGrantId;
    /// Names an availability schedule.
    ScheduleId;
    /// Names a manual busy time.
    BusyTimeId;
    /// Names a kind of meeting on offer.
    EventTypeId;
    /// Names the part of a host in a kind of meeting.
    EventTypeMembershipId;
    /// Names a booked meeting.
    ScheduledEventId;
    /// Names somebody who booked.
    InviteeId;
    /// Names a time that is kept for somebody for some minutes.
    HoldId;
    /// Names meetings that were booked in one go.
    SeriesId;
    /// Names a link by which one meeting can be booked.
    SchedulingLinkId;
    /// Names the mark of an invitee who did not come.
    NoShowId;
    /// Names an invitation into an organization.
    InvitationId;
    /// Names people who offer meetings under one name.
    TeamId;
    /// Names a part of an organization with administrators of its own.
    GroupId;
    /// Names the part that somebody has in a group.
    GroupRelationshipId;
    /// Names a form that leads whoever fills it in to the right meeting.
    RoutingFormId;
    /// Names a question of such a form.
    RoutingFormQuestionId;
    /// Names a form that was filled in.
    RoutingFormSubmissionId;
    /// Names where and of what somebody wants to be told.
    WebhookSubscriptionId;
    /// Names one message to a webhook's address.
    WebhookDeliveryId;
    /// Names a change that was written down.
    ActivityLogEntryId;
    /// Names somebody who is not a user.
    ContactId;
    /// Names a field that contacts have in an organization.
    CustomFieldDefinitionId;
    /// Names a list of contacts.
    ContactListId;
    /// Names a note about a contact.
    NoteId;
    /// Names what was said in a meeting.
    MeetingRecapId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_shown_as_canonical_text() {
        let id = UserId(Uuid::from_u128(0x0192_f3a4_0000_7000_8000_0000_0000_00ff));
        assert_eq!(id.to_string(), "0192f3a4-0000-7000-8000-0000000000ff");
    }
}
