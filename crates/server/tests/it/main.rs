//! The server as its callers see it: every test with a database of its own, on both engines, and every answer checked
//! against the OpenAPI document.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests need and cannot have fails them"
)]
#![expect(
    clippy::too_many_lines,
    reason = "tables of cases and whole bodies are read from top to bottom"
)]

#[macro_use]
mod harness;
mod browser;
mod caller;
mod contract;
mod oauth_client;
mod process;

mod activity_log;
mod activity_log_list;
mod admission;
mod available_times;
mod bad_input;
mod bad_values;
mod bookings;
mod busy_times;
mod calendly_bodies;
mod calendly_clients;
mod classic;
mod classic_refusals;
mod classic_tokens;
mod cleanup;
mod command_line;
mod compatibility;
mod confirmation;
mod consistency;
mod contact_custom_field_definitions;
mod contact_custom_fields;
mod contact_lists;
mod contact_races;
mod contact_search;
mod contacts;
mod data_compliance;
mod deaf_nodes;
mod dry_run;
mod edits;
mod empty_pools;
mod event_type_availability_schedules;
mod event_type_host_rules;
mod event_type_hosts;
mod event_types;
mod events_feed;
mod explanation_changes;
mod explanations;
mod free_times;
mod group_changes;
mod group_guests;
mod groups;
mod held_bookings;
mod held_places;
mod held_turns;
mod holds;
mod idempotency;
mod import_account;
mod import_source;
mod imports;
mod invitee_no_shows;
mod killed;
mod large_answers;
mod last_moments;
mod left_data;
mod locations;
mod lost_connections;
mod mail_delivery;
mod mail_server;
mod mails;
mod many_processes;
mod meeting_recaps;
mod meeting_times;
mod memory;
mod notes;
mod oauth;
mod oauth_applications;
mod oauth_endings;
mod oauth_refusals;
mod one_off_event_types;
mod openapi;
mod organization_group_events;
mod organization_groups;
mod organization_invitations;
mod organization_memberships;
mod outgoing_communications;
mod overlaps;
mod pages;
mod passwords;
mod permissions;
mod personal_access_tokens;
mod pooled_hosts;
mod pooled_races;
mod pools;
mod races;
mod rate_limits;
mod resource_calendars;
mod resources;
mod rest_of_a_series;
mod routing_form_submissions;
mod routing_forms;
mod sample_webhook_data;
mod schedule_trials;
mod schedules;
mod scheduling_links;
mod series;
mod serving;
mod shared_places;
mod shares;
mod shutdown;
mod sign_in;
mod teams;
mod turns;
mod users;
mod webhook_events;
mod webhook_failures;
mod webhook_log;
mod webhook_nodes;
mod webhook_receiver;
mod webhook_subscriptions;
mod webhook_targets;
mod webhooks;
mod whole_series;
mod whole_series_races;
