-- What was said in meetings, as a note taker wrote it down.

create table meeting_recaps (
  organization_id {uuid} not null,
  id {uuid} not null,
  -- whose note taker it was
  user_id {uuid} not null,
  -- null: a meeting that was not booked here
  scheduled_event_id {uuid},
  -- available, processing or unavailable
  status text not null,
  name text,
  location {json},
  starts_at {ts} not null,
  ends_at {ts} not null,
  attendees {json},
  -- in lower case, each address between spaces
  attendee_emails text not null,
  summary_md text,
  action_items_md text,
  discussion_md text,
  share_link text,
  transcript text,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index meeting_recaps_by_start on meeting_recaps (organization_id, starts_at, id);
create index meeting_recaps_by_event on meeting_recaps (organization_id, scheduled_event_id);
