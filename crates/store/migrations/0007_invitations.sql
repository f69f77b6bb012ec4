-- People who were asked to join an organization.

create table organization_invitations (
  organization_id {uuid} not null,
  id {uuid} not null,
  email text not null,
  -- pending, accepted or declined
  status text not null,
  -- SHA-256 in hexadecimal of the code that answers it; the code itself is never stored
  code_hash text not null,
  -- who sent it last
  invited_by {uuid} not null,
  -- whom it made a user
  user_id {uuid},
  created_at {ts} not null,
  updated_at {ts} not null,
  last_sent_at {ts},
  primary key (organization_id, id)
){options};
create index organization_invitations_by_creation on organization_invitations (organization_id, created_at, id);
-- nobody is asked twice at the same time
create unique index organization_invitations_pending on organization_invitations (organization_id, lower(email))
  where status = 'pending';
