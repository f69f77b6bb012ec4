-- Event types with several hosts or several invitees, holds, series, and meetings that a host must confirm.

-- person, or resource: a room or a thing, which has a schedule but nobody to sign in and no mail address
alter table users add column kind text not null default 'person';
drop index users_email;
create unique index users_email on users (organization_id, lower(email)) where deactivated_at is null and email <> '';

-- solo, or group: several invitees in one meeting
alter table event_types add column kind text not null default 'solo';
-- how hosts are chosen among the memberships: collective, round_robin or multi_pool; null: the owner alone, without memberships
alter table event_types add column pooling_type text;
-- how many invitees one meeting takes
alter table event_types add column capacity {int} not null default 1;
-- minutes within which a host must confirm a meeting; null: it is booked at once
alter table event_types add column confirmation_minutes {int};

-- The hosts of an event type that has a pooling type.
create table event_type_memberships (
  organization_id {uuid} not null,
  id {uuid} not null,
  event_type_id {uuid} not null,
  user_id {uuid} not null,
  -- 0 to 100: of those who are free, the highest are asked first
  priority {int} not null,
  -- 1 to 100: the share of the meetings
  weight {int} not null,
  -- of multi_pool: which pool
  pool text,
  -- takes part in every meeting
  fixed {bool} not null,
  -- the place in the list as it was sent
  position {int} not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create unique index event_type_memberships_hosts on event_type_memberships (organization_id, event_type_id, user_id);
create index event_type_memberships_by_user on event_type_memberships (organization_id, user_id);

-- when a hold or an unconfirmed meeting ends by itself
alter table busy_intervals add column expires_at {ts};
-- how many places a meeting of several invitees, or a hold of one, takes; 0 where nobody can join
alter table busy_intervals add column places {int} not null default 0;

-- Who holds a meeting: one row a host, so that the meetings of a host are one index range.
create table scheduled_event_hosts (
  organization_id {uuid} not null,
  scheduled_event_id {uuid} not null,
  host_id {uuid} not null,
  event_type_id {uuid} not null,
  starts_at {ts} not null,
  -- the place among the hosts of the meeting; 0 is the first
  position {int} not null,
  -- was chosen in turn, and the meeting was not canceled: what round robin counts
  counted {bool} not null,
  assigned_at {ts} not null,
  primary key (organization_id, scheduled_event_id, host_id)
){options};
create index scheduled_event_hosts_by_start on scheduled_event_hosts (organization_id, host_id, starts_at, scheduled_event_id);
create index scheduled_event_hosts_in_turn on scheduled_event_hosts (organization_id, event_type_id, host_id, assigned_at)
  where counted;
insert into scheduled_event_hosts
  (organization_id, scheduled_event_id, host_id, event_type_id, starts_at, position, counted, assigned_at)
  select organization_id, id, host_id, event_type_id, starts_at, 0, false, created_at from scheduled_events;
drop index scheduled_events_by_host;

-- the meetings that were booked in one go
alter table scheduled_events add column series_id {uuid};
create index scheduled_events_by_series on scheduled_events (organization_id, series_id, starts_at)
  where series_id is not null;
-- how many invitees it takes
alter table scheduled_events add column capacity {int} not null default 1;
alter table scheduled_events add column host_count {int} not null default 1;
-- until when a host must confirm it, or it ends by itself; null: it needs no confirmation, or has it
alter table scheduled_events add column confirm_by {ts};
alter table scheduled_events add column confirmed_at {ts};
create index scheduled_events_unconfirmed on scheduled_events (organization_id, confirm_by)
  where confirm_by is not null and status = 'active';

-- Times that are kept for somebody for some minutes. What they block are rows of busy_intervals.
create table holds (
  organization_id {uuid} not null,
  id {uuid} not null,
  event_type_id {uuid} not null,
  -- the token that placed it, and whose it is
  token_id {uuid} not null,
  user_id {uuid} not null,
  starts_at {ts} not null,
  ends_at {ts} not null,
  buffered_starts_at {ts} not null,
  buffered_ends_at {ts} not null,
  -- the hosts it takes, and which of them were chosen in turn
  hosts {json} not null,
  created_at {ts} not null,
  -- by the database's clock
  expires_at {ts} not null,
  primary key (organization_id, id)
){options};
create index holds_by_event_type on holds (organization_id, event_type_id);
create index holds_by_token on holds (organization_id, token_id, expires_at);
