-- What happens is written down in the transaction that makes it so, told in one order, and sent to whoever asked for it.

create table feed_events (
  organization_id {uuid} not null,
  id {uuid} not null,
  -- invitee.created and the like
  name text not null,
  -- the invitee, event type … that it is about: of one of them, things are told in the order in which they happened
  subject_id {uuid} not null,
  -- ids of what has to be read to tell it, and what cannot be read any more by then
  facts {json} not null,
  occurred_at {ts} not null,
  -- what is told, and the users whom it concerns, where somebody wanted to be told at once
  payload {json},
  users {json},
  -- the place in the feed; none until it is known what was committed before
  position {int},
  primary key (organization_id, id)
){options};
create index feed_events_waiting on feed_events (organization_id, id) where position is null;
create unique index feed_events_position on feed_events (organization_id, position);
create index feed_events_by_subject on feed_events (organization_id, subject_id);

-- The last place that was given away in each feed. Whoever gives the next ones holds this row.
create table feeds (
  organization_id {uuid} not null,
  last_position {int} not null,
  primary key (organization_id)
){options};

create table webhook_subscriptions (
  organization_id {uuid} not null,
  id {uuid} not null,
  callback_url text not null,
  events {json} not null,
  -- organization, user or group
  scope text not null,
  -- the organization, the user or the group of whom it tells
  target_id {uuid} not null,
  creator_id {uuid} not null,
  signing_key text,
  -- active or disabled
  state text not null,
  -- since when nothing has arrived
  retry_started_at {ts},
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create unique index webhook_subscriptions_url on webhook_subscriptions (organization_id, target_id, callback_url);
create index webhook_subscriptions_by_creation on webhook_subscriptions (organization_id, created_at, id);

create table webhook_deliveries (
  organization_id {uuid} not null,
  id {uuid} not null,
  subscription_id {uuid} not null,
  event_id {uuid} not null,
  subject_id {uuid} not null,
  -- the event's place in the feed
  position {int} not null,
  -- waiting, delivered or failed
  status text not null,
  attempts {int} not null,
  -- since when it is tried
  started_at {ts} not null,
  -- when it is tried next; while it is being tried, when somebody else may take over
  due_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index webhook_deliveries_due on webhook_deliveries (due_at, id) where status = 'waiting';
create index webhook_deliveries_by_subscription on webhook_deliveries (organization_id, subscription_id, position, id);
create index webhook_deliveries_by_subject on webhook_deliveries (organization_id, subscription_id, subject_id, position);
create index webhook_deliveries_by_event on webhook_deliveries (organization_id, event_id);

create table webhook_attempts (
  organization_id {uuid} not null,
  delivery_id {uuid} not null,
  -- 1, 2, 3 …
  number {int} not null,
  started_at {ts} not null,
  -- milliseconds
  duration {int} not null,
  -- the status of the answer, or why there is none
  status {int},
  error text,
  -- how the answer begins
  response text,
  primary key (organization_id, delivery_id, number)
){options};
