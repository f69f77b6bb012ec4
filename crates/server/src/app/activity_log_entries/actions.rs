//! What can be in the activity log. Names that were given out stay as they are: readers filter by them.

macro_rules! actions {
    ($($(#[doc = $doc:literal])* $variant:ident = $namespace:literal $verb:literal,)*) => {
        /// A kind of deed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $($(#[doc = $doc])* $variant,)* }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Action] = &[$(Action::$variant),*];

            /// Its namespace, and its name in there.
            pub fn parts(self) -> (&'static str, &'static str) {
                match self { $(Action::$variant => ($namespace, $verb),)* }
            }
        }
    };
}

actions! {
    /// An organization came to be, by the command line.
    OrganizationAdd = "Organization" "Add",
    /// An account was brought over from another server, by the command line.
    OrganizationImport = "Organization" "Import",
    /// Somebody became a user.
    UserAdd = "User" "Add",
    /// What is set up about a user changed.
    UserUpdate = "User" "Update",
    /// A user was removed.
    UserRemove = "User" "Remove",
    /// A user signed in on a page.
    UserSignIn = "User" "SignIn",
    /// A user got another password.
    UserSetPassword = "User" "SetPassword",
    /// A user's password was taken away.
    UserRemovePassword = "User" "RemovePassword",
    /// A member got another role.
    OrganizationMembershipUpdate = "OrganizationMembership" "Update",
    /// Somebody was invited, or again.
    OrganizationInvitationAdd = "OrganizationInvitation" "Add",
    /// An invitation was taken back.
    OrganizationInvitationRevoke = "OrganizationInvitation" "Revoke",
    /// An invitation made somebody a user.
    OrganizationInvitationAccept = "OrganizationInvitation" "Accept",
    /// Whoever was invited does not want to.
    OrganizationInvitationDecline = "OrganizationInvitation" "Decline",
    /// There is a new team.
    TeamAdd = "Team" "Add",
    /// A team or its members changed.
    TeamUpdate = "Team" "Update",
    /// A team was deleted.
    TeamRemove = "Team" "Remove",
    /// There is a new group.
    GroupAdd = "Group" "Add",
    /// A group changed.
    GroupUpdate = "Group" "Update",
    /// A group was deleted.
    GroupRemove = "Group" "Remove",
    /// Somebody became a member or an administrator of a group.
    GroupRelationshipAdd = "GroupRelationship" "Add",
    /// Somebody is something else in a group.
    GroupRelationshipUpdate = "GroupRelationship" "Update",
    /// Somebody left a group.
    GroupRelationshipRemove = "GroupRelationship" "Remove",
    /// A token was made.
    PersonalAccessTokenAdd = "PersonalAccessToken" "Add",
    /// A token was taken back.
    PersonalAccessTokenRevoke = "PersonalAccessToken" "Revoke",
    /// An application was registered.
    OAuthApplicationAdd = "OAuthApplication" "Add",
    /// An application changed, or has a new secret.
    OAuthApplicationUpdate = "OAuthApplication" "Update",
    /// An application was deleted, with all that it was allowed.
    OAuthApplicationRemove = "OAuthApplication" "Remove",
    /// A user allowed an application to act for them.
    OAuthApplicationAllow = "OAuthApplication" "Allow",
    /// There are new working hours.
    UserAvailabilityScheduleAdd = "UserAvailabilitySchedule" "Add",
    /// Working hours changed.
    UserAvailabilityScheduleUpdate = "UserAvailabilitySchedule" "Update",
    /// Working hours were deleted.
    UserAvailabilityScheduleRemove = "UserAvailabilitySchedule" "Remove",
    /// Time of a user was blocked.
    UserBusyTimeAdd = "UserBusyTime" "Add",
    /// Blocked time became free.
    UserBusyTimeRemove = "UserBusyTime" "Remove",
    /// There is a new event type.
    EventTypeAdd = "EventType" "Add",
    /// An event type or its hosts changed.
    EventTypeUpdate = "EventType" "Update",
    /// An event type got hours of its own, or lost them.
    EventTypeUpdateHours = "EventType" "UpdateHours",
    /// An event type was deleted.
    EventTypeRemove = "EventType" "Remove",
    /// A link by which one meeting can be booked was made.
    SchedulingLinkAdd = "SchedulingLink" "Add",
    /// A meeting was booked, or a place in one, or a series.
    ScheduledEventBook = "ScheduledEvent" "Book",
    /// A meeting moved, or the rest of a series.
    ScheduledEventReschedule = "ScheduledEvent" "Reschedule",
    /// A meeting was canceled, or the rest of a series.
    ScheduledEventCancel = "ScheduledEvent" "Cancel",
    /// A host confirmed a meeting.
    ScheduledEventConfirm = "ScheduledEvent" "Confirm",
    /// A host rejected a meeting.
    ScheduledEventReject = "ScheduledEvent" "Reject",
    /// Nobody confirmed a meeting in time.
    ScheduledEventExpire = "ScheduledEvent" "Expire",
    /// One of several invitees does not come.
    InviteeCancel = "Invitee" "Cancel",
    /// An invitee was marked as somebody who did not come.
    InviteeNoShowAdd = "InviteeNoShow" "Add",
    /// That mark was taken back.
    InviteeNoShowRemove = "InviteeNoShow" "Remove",
    /// A time is kept for somebody.
    HoldAdd = "Hold" "Add",
    /// A time is not kept any more.
    HoldRemove = "Hold" "Remove",
    /// There is a new routing form.
    RoutingFormAdd = "RoutingForm" "Add",
    /// A routing form changed.
    RoutingFormUpdate = "RoutingForm" "Update",
    /// A routing form was deleted.
    RoutingFormRemove = "RoutingForm" "Remove",
    /// A routing form was filled in.
    RoutingFormSubmissionAdd = "RoutingFormSubmission" "Add",
    /// A subscription was made.
    WebhookSubscriptionAdd = "WebhookSubscription" "Add",
    /// A subscription changed.
    WebhookSubscriptionUpdate = "WebhookSubscription" "Update",
    /// A subscription was disabled: nothing arrived for 24 hours.
    WebhookSubscriptionDisable = "WebhookSubscription" "Disable",
    /// Messages of a subscription are sent once more.
    WebhookSubscriptionSendAgain = "WebhookSubscription" "SendAgain",
    /// A subscription was ended.
    WebhookSubscriptionRemove = "WebhookSubscription" "Remove",
    /// There is a new contact.
    ContactAdd = "Contact" "Add",
    /// A contact changed.
    ContactUpdate = "Contact" "Update",
    /// A contact was deleted.
    ContactRemove = "Contact" "Remove",
    /// Contacts have a new field.
    ContactCustomFieldAdd = "ContactCustomField" "Add",
    /// A field of contacts changed.
    ContactCustomFieldUpdate = "ContactCustomField" "Update",
    /// A field of contacts was deleted.
    ContactCustomFieldRemove = "ContactCustomField" "Remove",
    /// There is a new list of contacts.
    ContactListAdd = "ContactList" "Add",
    /// A list of contacts has another name.
    ContactListUpdate = "ContactList" "Update",
    /// Contacts were put on a list.
    ContactListAddContacts = "ContactList" "AddContacts",
    /// Contacts were taken off a list.
    ContactListRemoveContacts = "ContactList" "RemoveContacts",
    /// A list of contacts was deleted.
    ContactListRemove = "ContactList" "Remove",
    /// A note was written.
    NoteAdd = "Note" "Add",
    /// A note changed.
    NoteUpdate = "Note" "Update",
    /// A note was deleted.
    NoteRemove = "Note" "Remove",
    /// There is a new meeting recap.
    MeetingRecapAdd = "MeetingRecap" "Add",
    /// A meeting recap changed.
    MeetingRecapUpdate = "MeetingRecap" "Update",
    /// A meeting recap was deleted.
    MeetingRecapRemove = "MeetingRecap" "Remove",
    /// Personal data is to be deleted.
    DataDeletionAdd = "DataDeletion" "Add",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_each_action_once() {
        let text = include_str!("../../../../../docs/activity-log.md");
        let (_, actions) = text.split_once("## Actions").unwrap();
        let rows = actions.lines().filter_map(|line| line.strip_prefix("| `"));
        let documented: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
        let names = Action::ALL.iter().map(|action| {
            let (namespace, verb) = action.parts();
            format!("{namespace}.{verb}")
        });
        assert_eq!(documented, names.collect::<Vec<_>>());
    }
}
