-- Nodes that share one database: what they keep in memory, and how much each caller may ask of all of them together.

-- Moves with whatever is set up about a host (who they are, their hours, event types and tokens); `version` moves with
-- that as well, and with every meeting: so a booking does not make what is set up unknown.
alter table hosts add column settings_version {int} not null default 0;

-- How many requests a user sent within a minute, through all nodes together.
create table request_counts (
  organization_id {uuid} not null,
  user_id {uuid} not null,
  -- when the minute began
  minute {ts} not null,
  requests {int} not null,
  -- those of them that book
  bookings {int} not null,
  primary key (organization_id, user_id, minute)
){options};
create index request_counts_by_minute on request_counts (minute);
