-- One text for both engines; the tokens in braces become each engine's type names.
-- Every table starts with organization_id, so the rows of an organization can be kept on one node.

create table organizations (
  organization_id {uuid} not null,
  name text not null,
  -- how many people the classic API has numbered so far
  classic_people {int} not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id)
){options};

create table users (
  organization_id {uuid} not null,
  id {uuid} not null,
  name text not null,
  slug text not null,
  email text not null,
  timezone text not null,
  time_notation text not null,
  locale text not null,
  avatar_url text,
  phone_number text,
  -- the small number by which the classic API knows this person
  classic_number {int},
  created_at {ts} not null,
  updated_at {ts} not null,
  -- set when the person was removed: history stays, nothing new happens
  deactivated_at {ts},
  primary key (organization_id, id)
){options};
create index users_by_creation on users (organization_id, created_at, id);
-- an address or a slug is free again once its owner is gone
create unique index users_email on users (organization_id, lower(email)) where deactivated_at is null;
create unique index users_slug on users (organization_id, slug) where deactivated_at is null;
create unique index users_classic_number on users (organization_id, classic_number);

-- Whose time is booked. A write that decides about a host's time bumps the version first: that is the lock.
-- A narrow table of its own, because this row changes with every booking.
create table hosts (
  organization_id {uuid} not null,
  id {uuid} not null,
  version {int} not null,
  primary key (organization_id, id)
){options};

create table organization_memberships (
  organization_id {uuid} not null,
  id {uuid} not null,
  user_id {uuid} not null,
  role text not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create unique index organization_memberships_user on organization_memberships (organization_id, user_id);
create index organization_memberships_by_creation on organization_memberships (organization_id, created_at, id);

create table personal_access_tokens (
  organization_id {uuid} not null,
  id {uuid} not null,
  user_id {uuid} not null,
  name text not null,
  -- SHA-256 in hexadecimal; the token itself is never stored
  hash text not null,
  scopes {json} not null,
  created_at {ts} not null,
  expires_at {ts},
  revoked_at {ts},
  primary key (organization_id, id)
){options};
create unique index personal_access_tokens_hash on personal_access_tokens (hash);
create index personal_access_tokens_by_user on personal_access_tokens (organization_id, user_id, created_at, id);

create table user_availability_schedules (
  organization_id {uuid} not null,
  id {uuid} not null,
  user_id {uuid} not null,
  name text not null,
  timezone text not null,
  is_default {bool} not null,
  rules {json} not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index user_availability_schedules_by_user on user_availability_schedules (organization_id, user_id, created_at, id);
-- at most one default each
create unique index user_availability_schedules_default on user_availability_schedules (organization_id, user_id) where is_default;

create table user_busy_times (
  organization_id {uuid} not null,
  id {uuid} not null,
  user_id {uuid} not null,
  -- the first instance, where there is a recurrence rule
  starts_at {ts} not null,
  ends_at {ts} not null,
  reason text,
  rrule text,
  exdates {json} not null,
  timezone text not null,
  created_at {ts} not null,
  primary key (organization_id, id)
){options};
create index user_busy_times_by_user on user_busy_times (organization_id, user_id, id);

-- What blocks a host, whatever its source, cut into pieces of at most 24 hours: so one index range
-- finds all of it, however long the host's history is and however long a vacation lasts.
create table busy_intervals (
  organization_id {uuid} not null,
  host_id {uuid} not null,
  starts_at {ts} not null,
  source_id {uuid} not null,
  ends_at {ts} not null,
  buffered_starts_at {ts} not null,
  buffered_ends_at {ts} not null,
  -- scheduled_event, busy_time or hold
  kind text not null,
  -- of scheduled events, for limits
  event_type_id {uuid},
  primary key (organization_id, host_id, starts_at, source_id)
){options};
create index busy_intervals_by_source on busy_intervals (organization_id, source_id);

create table event_types (
  organization_id {uuid} not null,
  id {uuid} not null,
  user_id {uuid} not null,
  name text not null,
  slug text not null,
  active {bool} not null,
  secret {bool} not null,
  -- kept by the server itself (classic meetings); never listed
  hidden {bool} not null,
  duration {int} not null,
  duration_options {json},
  color text not null,
  locale text not null,
  description text,
  internal_note text,
  position {int} not null,
  start_time_increment {int} not null,
  before_buffer {int} not null,
  after_buffer {int} not null,
  minimum_notice {int} not null,
  booking_window {json} not null,
  limits {json} not null,
  -- null: the host's default schedule
  schedule_id {uuid},
  custom_questions {json} not null,
  locations {json},
  created_at {ts} not null,
  updated_at {ts} not null,
  deleted_at {ts},
  primary key (organization_id, id)
){options};
create index event_types_by_name on event_types (organization_id, name, id);
create index event_types_by_user on event_types (organization_id, user_id, id);
create unique index event_types_slug on event_types (organization_id, user_id, slug) where deleted_at is null;

create table scheduled_events (
  organization_id {uuid} not null,
  id {uuid} not null,
  event_type_id {uuid} not null,
  host_id {uuid} not null,
  name text not null,
  -- active or canceled
  status text not null,
  starts_at {ts} not null,
  ends_at {ts} not null,
  buffered_starts_at {ts} not null,
  buffered_ends_at {ts} not null,
  location {json},
  guests {json} not null,
  cancellation {json},
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index scheduled_events_by_start on scheduled_events (organization_id, starts_at, id);
create index scheduled_events_by_host on scheduled_events (organization_id, host_id, starts_at, id);

create table invitees (
  organization_id {uuid} not null,
  id {uuid} not null,
  scheduled_event_id {uuid} not null,
  name text not null,
  first_name text,
  last_name text,
  email text not null,
  timezone text not null,
  -- active or canceled
  status text not null,
  questions_and_answers {json} not null,
  tracking {json} not null,
  text_reminder_number text,
  rescheduled {bool} not null,
  old_invitee_id {uuid},
  old_scheduled_event_id {uuid},
  new_invitee_id {uuid},
  new_scheduled_event_id {uuid},
  cancellation {json},
  -- the user who booked for the invitee
  scheduled_by {uuid},
  -- the person of the classic API who booked
  requestor_id {uuid},
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index invitees_by_event on invitees (organization_id, scheduled_event_id, created_at, id);
create index invitees_by_email on invitees (organization_id, lower(email), scheduled_event_id);

-- What a POST with an Idempotency-Key was answered, so that the same request gets the same answer.
create table idempotency_keys (
  organization_id {uuid} not null,
  user_id {uuid} not null,
  key text not null,
  -- SHA-256 of method, path and body
  fingerprint text not null,
  status {int} not null,
  body text not null,
  created_at {ts} not null,
  primary key (organization_id, user_id, key)
){options};
create index idempotency_keys_by_age on idempotency_keys (organization_id, user_id, created_at);
