-- What was done in an organization, by whom and from where: one row a deed, written in the transaction that did it.

create table activity_log_entries (
  organization_id {uuid} not null,
  occurred_at {ts} not null,
  id {uuid} not null,
  -- what was done: User and Add, for instance
  namespace text not null,
  action text not null,
  -- User or System; null: somebody without a token, such as an invitee
  actor_type text,
  actor_id {uuid},
  -- the user's id as text, or nothing: lists are filtered and sorted by it
  actor_key text not null,
  -- the user's role then
  actor_role text,
  -- names, and paths of resources under the public address; never what identifies an invitee
  details {json} not null,
  -- so that the usual list needs no other index
  primary key (organization_id, occurred_at, id)
){options};
