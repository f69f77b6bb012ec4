-- Signing in: passwords, the browsers that are signed in, and how often it was tried.

-- Apart from users, whose rows are read everywhere.
create table passwords (
  organization_id {uuid} not null,
  user_id {uuid} not null,
  -- Argon2id, with its salt and parameters (a PHC string)
  hash text not null,
  changed_at {ts} not null,
  primary key (organization_id, user_id)
){options};

-- whoever signs in says a mail address, and no organization
create index users_signing_in on users (lower(email)) where deactivated_at is null;

create table sessions (
  organization_id {uuid} not null,
  id {uuid} not null,
  user_id {uuid} not null,
  -- SHA-256 of the cookie, in hexadecimal
  hash text not null,
  created_at {ts} not null,
  -- ends when it was not used for long, as of this instant
  used_at {ts} not null,
  primary key (organization_id, id)
){options};
create unique index sessions_hash on sessions (hash);
create index sessions_by_user on sessions (organization_id, user_id, created_at);

-- How often something was tried within some minutes, through all nodes together. Nobody asks for minutes that are over.
create table attempt_counts (
  -- that of the user; nil where it is about an address
  organization_id {uuid} not null,
  -- what was tried, and a SHA-256 of who tried it
  subject text not null,
  -- when the minutes began
  starts_at {ts} not null,
  attempts {int} not null,
  primary key (organization_id, subject, starts_at)
){options};
create index attempt_counts_by_start on attempt_counts (starts_at);
