//! What can be done: one command an action, shared by the API, the classic API and the command line.
//! No SQL and no HTTP here; the rules themselves are in `domain`.

pub mod classic;
pub mod cleanup;
pub mod contact_lists;
pub mod contacts;
pub mod custom_field_definitions;
pub mod data_deletions;
pub mod event_type_available_times;
pub mod event_type_time_explanations;
pub mod event_types;
pub mod facts;
pub mod feed_events;
pub mod group_relationships;
pub mod groups;
pub mod holds;
pub mod invitee_no_shows;
pub mod invitees;
pub mod meeting_recaps;
pub mod notes;
pub mod organization_invitations;
pub mod organization_memberships;
pub mod organizations;
pub mod overlaps;
pub mod personal_access_tokens;
pub mod routing_form_submissions;
pub mod routing_forms;
pub mod scheduled_events;
pub mod scheduling_links;
pub mod teams;
pub mod timelines;
pub mod user_availability_schedules;
pub mod user_busy_times;
pub mod users;
pub mod webhook_deliveries;
pub mod webhook_subscriptions;
