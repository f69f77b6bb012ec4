-- Links by which one meeting can be booked, once.

create table scheduling_links (
  organization_id {uuid} not null,
  id {uuid} not null,
  -- the random part of its address
  code text not null,
  event_type_id {uuid} not null,
  -- who made it
  user_id {uuid} not null,
  -- of shares: what is different from the event type; null: nothing, and it is no share
  overrides {json},
  created_at {ts} not null,
  -- by the database's clock
  expires_at {ts} not null,
  -- who booked by it, and when; null: nobody has
  invitee_id {uuid},
  used_at {ts},
  primary key (organization_id, id)
){options};
create unique index scheduling_links_code on scheduling_links (code);
