//! What is noted of each command, in the order of the table in the documentation. What else was sent with a request is
//! not: it may be anything.

use super::{Deed, Facts, Noted, actions::Action, invitee_path};
use crate::app::{
    classic::AddHours,
    contact_lists::{
        AddContactList, AddToList, RemoveContactList, RemoveFromList, RenameContactList,
    },
    contacts::{AddContact, EditContact, RemoveContact},
    custom_field_definitions::{AddDefinition, EditDefinition, RemoveDefinition},
    data_deletions::{Asked, RequestDeletion},
    event_types::{
        AddEventType, EditEventType, RemoveEventType, hours::EditHours, one_off::AddOneOff,
    },
    group_relationships::{AddRelationship, DeleteRelationship, EditRelationship},
    groups::{AddGroup, DeleteGroup, EditGroup},
    holds::{PlaceHold, Release},
    imports::BeginImport,
    invitee_no_shows::{MarkNoShow, UnmarkNoShow},
    meeting_recaps::{AddRecap, EditRecap, RemoveRecap},
    notes::{AddNote, EditNote, RemoveNote},
    oauth_applications::{AddApplication, EditApplication, RemoveApplication},
    oauth_grants::Allow,
    organization_invitations::{AcceptInvitation, DeclineInvitation, Invite, RevokeInvitation},
    organization_memberships::ChangeRole,
    organizations::AddOrganization,
    passwords::{RemovePassword, SetPassword},
    personal_access_tokens::{AddToken, RevokeToken},
    routing_form_submissions::Submit,
    routing_forms::{AddForm, DeleteForm, EditForm},
    scheduled_events::{
        canceling::{Cancel, CancelInvitee},
        confirmation::{Confirm, Reject},
        range_booking::BookRange,
        rescheduling::Reschedule,
        rest_of_series::CancelRest,
        series::BookSeries,
    },
    scheduling_links::AddLink,
    sessions::Begin,
    teams::{AddTeam, DeleteTeam, EditTeam},
    user_availability_schedules::{AddSchedule, EditSchedule, RemoveSchedule},
    user_busy_times::{AddBusyTime, RemoveBusyTime},
    users::{AddUser, EditUser, removal::RemoveUser},
    webhook_deliveries::{SendAgain, SendAllAgain},
    webhook_subscriptions::{ChangeSubscription, Subscribe, Unsubscribe},
};
use domain::id::{InvitationId, OrganizationId};

macro_rules! deeds {
    ($($command:ty => $action:ident, |$it:pat_param, $output:pat_param| $facts:expr;)*) => {$(
        impl Deed for $command {
            fn noted(&self, output: &Self::Output) -> Noted {
                let ($it, $output) = (self, output);
                (Action::$action, $facts)
            }
        }
    )*};
}

deeds! {
    AddOrganization => OrganizationAdd, |_, organization| Facts::of("organization", organization.id).with("name", &*organization.name);

    BeginImport => OrganizationImport, |_, ()| Facts::default();
    AddUser => UserAdd, |_, (user, membership)| Facts::of("user", user.id).with("name", &*user.name).with("role", membership.role.as_str());
    EditUser => UserUpdate, |_, user| Facts::of("user", user.id).with("name", &*user.name);
    RemoveUser => UserRemove, |it, ()| Facts::of("user", it.id);
    Begin => UserSignIn, |it, ()| Facts::of("user", it.account.user_id);
    SetPassword => UserSetPassword, |it, ()| Facts::of("user", it.user);
    RemovePassword => UserRemovePassword, |it, ()| Facts::of("user", it.user);
    ChangeRole => OrganizationMembershipUpdate, |_, (membership, user)| Facts::of("organization_membership", membership.id).and("user", user.id).with("role", membership.role.as_str());

    Invite => OrganizationInvitationAdd, |it, invitation| invited(it.organization, invitation.id);
    RevokeInvitation => OrganizationInvitationRevoke, |it, ()| invited(it.organization, it.id);
    AcceptInvitation => OrganizationInvitationAccept, |it, invitation| invited(it.answered.organization, invitation.id).and("user", it.add.user.id);
    DeclineInvitation => OrganizationInvitationDecline, |it, invitation| invited(it.answered.organization, invitation.id);

    AddTeam => TeamAdd, |_, shown| Facts::of("team", shown.team.id).with("name", &*shown.team.name);
    EditTeam => TeamUpdate, |_, shown| Facts::of("team", shown.team.id).with("name", &*shown.team.name);
    DeleteTeam => TeamRemove, |it, ()| Facts::of("team", it.id);

    AddGroup => GroupAdd, |_, group| Facts::of("group", group.id).with("name", &*group.name);
    EditGroup => GroupUpdate, |_, group| Facts::of("group", group.id).with("name", &*group.name);
    DeleteGroup => GroupRemove, |it, ()| Facts::of("group", it.id);
    AddRelationship => GroupRelationshipAdd, |it, _| Facts::of("group_relationship", it.relationship.id).and("group", it.relationship.group_id).with("role", it.relationship.role.as_str());
    EditRelationship => GroupRelationshipUpdate, |it, shown| Facts::of("group_relationship", it.id).and("group", shown.relationship.group_id).with("role", shown.relationship.role.as_str());
    DeleteRelationship => GroupRelationshipRemove, |it, ()| Facts::of("group_relationship", it.id);

    // which scopes it has matters to whoever looks for what went wrong
    AddToken => PersonalAccessTokenAdd, |_, token| Facts::of("personal_access_token", token.id).and("user", token.user_id).with("name", &*token.name).with("scopes", &*token.scopes);
    RevokeToken => PersonalAccessTokenRevoke, |it, ()| Facts::of("personal_access_token", it.id);

    AddApplication => OAuthApplicationAdd, |_, application| Facts::of("oauth_application", application.id).with("name", &*application.name);
    EditApplication => OAuthApplicationUpdate, |_, application| Facts::of("oauth_application", application.id).with("name", &*application.name);
    RemoveApplication => OAuthApplicationRemove, |it, ()| Facts::of("oauth_application", it.id);
    Allow => OAuthApplicationAllow, |it, ()| Facts::of("oauth_application", it.code.grant.application_id).with("scopes", &*it.code.grant.scopes);

    AddSchedule => UserAvailabilityScheduleAdd, |_, schedule| Facts::of("user_availability_schedule", schedule.id).and("user", schedule.user_id).with("name", &*schedule.name);
    EditSchedule => UserAvailabilityScheduleUpdate, |_, schedule| Facts::of("user_availability_schedule", schedule.id).and("user", schedule.user_id).with("name", &*schedule.name);
    AddHours => UserAvailabilityScheduleUpdate, |it, ()| Facts::of("user", it.user);
    RemoveSchedule => UserAvailabilityScheduleRemove, |it, ()| Facts::of("user_availability_schedule", it.id);
    AddBusyTime => UserBusyTimeAdd, |_, busy| Facts::of("user_busy_time", busy.id).and("user", busy.user_id);
    RemoveBusyTime => UserBusyTimeRemove, |it, ()| Facts::of("user_busy_time", it.id);

    AddEventType => EventTypeAdd, |_, hosted| Facts::of("event_type", hosted.event_type.id).with("name", &*hosted.event_type.name);
    AddOneOff => EventTypeAdd, |_, hosted| Facts::of("event_type", hosted.event_type.id).with("name", &*hosted.event_type.name);
    EditEventType => EventTypeUpdate, |_, hosted| Facts::of("event_type", hosted.event_type.id).with("name", &*hosted.event_type.name);
    EditHours => EventTypeUpdateHours, |it, schedule| Facts::of("event_type", it.id).and("user", schedule.user_id);
    RemoveEventType => EventTypeRemove, |it, ()| Facts::of("event_type", it.id);
    AddLink => SchedulingLinkAdd, |_, link| Facts::of("event_type", link.event_type_id).with("is_share", link.overrides.is_some());

    BookSeries => ScheduledEventBook, |it, series| Facts::of("event_type", it.order.event_type_id).with("series", series.id.to_string())
        .all("scheduled_events", series.booked.iter().map(|(_, invitee)| invitee.scheduled_event_id));
    BookRange => ScheduledEventBook, |it, ()| Facts::of("scheduled_event", it.event_id).at("invitee", invitee_path(it.event_id, it.invitee.id));
    Reschedule => ScheduledEventReschedule, |it, _| Facts::default()
        .all("old_scheduled_events", it.moves.iter().map(|moved| moved.id))
        .all("scheduled_events", it.moves.iter().map(|moved| moved.new_id));
    Cancel => ScheduledEventCancel, |it, canceled| Facts::of("scheduled_event", it.id).with("canceler_type", &*canceled.canceler_type);
    CancelRest => ScheduledEventCancel, |_, (canceled, ids)| Facts::default().all("scheduled_events", ids.iter().copied()).with("canceler_type", &*canceled.canceler_type);
    Confirm => ScheduledEventConfirm, |it, _| Facts::of("scheduled_event", it.id);
    Reject => ScheduledEventReject, |it, _| Facts::of("scheduled_event", it.event.id);
    CancelInvitee => InviteeCancel, |it, canceled| Facts::of("scheduled_event", it.event.id).at("invitee", invitee_path(it.event.id, it.invitee)).with("canceler_type", &*canceled.canceler_type);
    MarkNoShow => InviteeNoShowAdd, |_, mark| Facts::of("invitee_no_show", mark.id).at("invitee", invitee_path(mark.scheduled_event_id, mark.invitee_id));
    UnmarkNoShow => InviteeNoShowRemove, |it, ()| Facts::of("invitee_no_show", it.id);
    PlaceHold => HoldAdd, |_, hold| Facts::of("hold", hold.id).and("event_type", hold.event_type_id);
    Release => HoldRemove, |it, ()| Facts::of("hold", it.id);

    AddForm => RoutingFormAdd, |_, read| Facts::of("routing_form", read.form.id).with("name", &*read.form.name);
    EditForm => RoutingFormUpdate, |_, read| Facts::of("routing_form", read.form.id).with("name", &*read.form.name);
    DeleteForm => RoutingFormRemove, |it, ()| Facts::of("routing_form", it.id);
    Submit => RoutingFormSubmissionAdd, |it, _| Facts::of("routing_form_submission", it.id).and("routing_form", it.form);

    // its address may have a secret in it
    Subscribe => WebhookSubscriptionAdd, |_, subscription| Facts::of("webhook_subscription", subscription.id).with("events", &*subscription.events);
    ChangeSubscription => WebhookSubscriptionUpdate, |_, subscription| Facts::of("webhook_subscription", subscription.id).with("events", &*subscription.events);
    SendAgain => WebhookSubscriptionSendAgain, |it, _| Facts::of("webhook_subscription", it.id.0).with("messages", 1);
    SendAllAgain => WebhookSubscriptionSendAgain, |it, messages| Facts::of("webhook_subscription", it.subscription).with("messages", *messages);
    Unsubscribe => WebhookSubscriptionRemove, |it, ()| Facts::of("webhook_subscription", it.id);

    AddContact => ContactAdd, |_, known| Facts::of("contact", known.contact.id);
    EditContact => ContactUpdate, |_, known| Facts::of("contact", known.contact.id);
    RemoveContact => ContactRemove, |it, _| Facts::of("contact", it.id);
    AddDefinition => ContactCustomFieldAdd, |_, field| Facts::of("custom_field_definition", field.id).with("label", &*field.label);
    EditDefinition => ContactCustomFieldUpdate, |_, field| Facts::of("custom_field_definition", field.id).with("label", &*field.label);
    RemoveDefinition => ContactCustomFieldRemove, |_, field| Facts::of("custom_field_definition", field.id).with("label", &*field.label);
    AddContactList => ContactListAdd, |_, (list, moved)| Facts::of("contact_list", list.id).with("name", &*list.name).with("contacts", moved.changed);
    RenameContactList => ContactListUpdate, |_, list| Facts::of("contact_list", list.id).with("name", &*list.name);
    AddToList => ContactListAddContacts, |it, moved| Facts::of("contact_list", it.id).with("contacts", moved.changed);
    RemoveFromList => ContactListRemoveContacts, |it, moved| Facts::of("contact_list", it.0.id).with("contacts", moved.changed);
    RemoveContactList => ContactListRemove, |_, list| Facts::of("contact_list", list.id).with("name", &*list.name);
    // what it says is nobody's business but its author's
    AddNote => NoteAdd, |_, note| Facts::of("note", note.id).and("contact", note.contact_id);
    EditNote => NoteUpdate, |_, note| Facts::of("note", note.id).and("contact", note.contact_id);
    RemoveNote => NoteRemove, |_, note| Facts::of("note", note.id).and("contact", note.contact_id);

    AddRecap => MeetingRecapAdd, |_, recap| Facts::of("meeting_recap", recap.listed.id);
    EditRecap => MeetingRecapUpdate, |_, recap| Facts::of("meeting_recap", recap.listed.id);
    RemoveRecap => MeetingRecapRemove, |_, recap| Facts::of("meeting_recap", recap.listed.id);
    RequestDeletion => DataDeletionAdd, |it, ()| what_is_deleted(&it.asked);
}

/// How many people, or the meetings of which time: never whose data it was.
fn what_is_deleted(asked: &Asked) -> Facts {
    match asked {
        Asked::People(emails) => Facts::default().with("emails", emails.len()),
        Asked::Meetings(since, until) => Facts::default()
            .with("start_time", since.to_string())
            .with("end_time", until.to_string()),
    }
}

fn invited(organization: OrganizationId, invitation: InvitationId) -> Facts {
    let path = format!("/organizations/{organization}/invitations/{invitation}");
    Facts::default().at("organization_invitation", path)
}
