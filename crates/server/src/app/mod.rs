//! What can be done: one command an action, shared by the API, the classic API and the command line.
//! No SQL and no HTTP here; the rules themselves are in `domain`.

pub mod classic;
pub mod contact_lists;
pub mod contacts;
pub mod custom_field_definitions;
pub mod event_type_available_times;
pub mod event_type_time_explanations;
pub mod event_types;
pub mod facts;
pub mod holds;
pub mod invitees;
pub mod meeting_recaps;
pub mod notes;
pub mod organizations;
pub mod overlaps;
pub mod personal_access_tokens;
pub mod scheduled_events;
pub mod timelines;
pub mod user_availability_schedules;
pub mod user_busy_times;
pub mod users;
