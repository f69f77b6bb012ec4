-- Forms that lead whoever fills them in to the right meeting.

create table routing_forms (
  organization_id {uuid} not null,
  id {uuid} not null,
  name text not null,
  -- draft or published
  status text not null,
  questions {json} not null,
  rules {json} not null,
  -- where answers lead for which no rule holds
  fallback {json},
  created_at {ts} not null,
  updated_at {ts} not null,
  -- set when it was deleted: what was filled in stays
  deleted_at {ts},
  primary key (organization_id, id)
){options};
create index routing_forms_by_creation on routing_forms (organization_id, created_at, id);

create table routing_form_submissions (
  organization_id {uuid} not null,
  id {uuid} not null,
  routing_form_id {uuid} not null,
  questions_and_answers {json} not null,
  tracking {json} not null,
  -- where it led
  result {json},
  -- who booked with it
  scheduled_event_id {uuid},
  invitee_id {uuid},
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index routing_form_submissions_by_form on routing_form_submissions (organization_id, routing_form_id, created_at, id);

-- the form that an invitee came by
alter table invitees add column routing_form_submission_id {uuid};
