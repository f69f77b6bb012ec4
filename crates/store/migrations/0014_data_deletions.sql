-- Personal data that is deleted because somebody asked for it, and what is cleared away by itself.

create table data_deletions (
  organization_id {uuid} not null,
  id {uuid} not null,
  -- who asked for it
  user_id {uuid} not null,
  -- the mail addresses of those whose data goes; none once it is done
  emails {json} not null,
  -- names that were found with them, by which copies of answers are known; none once it is done
  names {json} not null,
  -- or the meetings that go: those that began in this time
  since {ts},
  before {ts},
  -- what is being worked on: a table, or the whole file
  stage text not null,
  -- the last row that was seen there
  place {json},
  -- whether this walk through the tables has found anything; one that finds nothing is the last
  has_found {bool} not null,
  -- how many steps were done: of two nodes that do one, one wins
  steps {int} not null,
  requested_at {ts} not null,
  -- when it goes on; while somebody works on it, when somebody else may take over
  due_at {ts} not null,
  done_at {ts},
  primary key (organization_id, id)
){options};
create index data_deletions_due on data_deletions (due_at) where done_at is null;

-- how often payloads were deleted: one that was read before is not written any more
alter table feeds add column erasures {int} not null default 0;
-- the last place of which nothing is kept any more
alter table feeds add column forgotten_position {int} not null default 0;

-- What any node does from time to time, for all of them.
create table chores (
  -- of all organizations: nil
  organization_id {uuid} not null,
  name text not null,
  due_at {ts} not null,
  primary key (organization_id, name)
){options};
