-- Mail: what it is about is noted in the transaction that makes it so; soon after, the mails are written and sent.

create table mail_occasions (
  organization_id {uuid} not null,
  id {uuid} not null,
  -- what happened, and the ids of what has to be read to write of it
  facts {json} not null,
  occurred_at {ts} not null,
  primary key (organization_id, id)
){options};

create table outgoing_communications (
  organization_id {uuid} not null,
  id {uuid} not null,
  recipient text not null,
  sender text not null,
  reply_to text,
  subject text not null,
  -- the text, and the same as HTML
  body text not null,
  html text not null,
  -- an iCalendar object that comes along
  calendar text,
  -- what stands in the mail but not in its record, until it was sent or given up
  secret text,
  -- on whose behalf
  sender_id {uuid},
  sender_email text,
  -- the meeting it is about, the first one of several
  event_type_id {uuid},
  scheduled_event_id {uuid},
  scheduling_url text,
  -- mails to one address about the same thing are sent in the order in which they were written
  about_id {uuid} not null,
  -- waiting, sent or failed
  status text not null,
  attempts {int} not null,
  last_error text,
  -- when it is tried next; while it is being tried, when somebody else may take over
  due_at {ts} not null,
  created_at {ts} not null,
  sent_at {ts},
  primary key (organization_id, id)
){options};
create index outgoing_communications_due on outgoing_communications (due_at, id) where status = 'waiting';
create index outgoing_communications_about on outgoing_communications (organization_id, about_id, recipient, id);
create index outgoing_communications_by_creation on outgoing_communications (organization_id, status, created_at, id);
