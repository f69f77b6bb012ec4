-- Contacts: people outside the organization, what is known of them, the lists they are on, and notes about them.

create table contacts (
  organization_id {uuid} not null,
  id {uuid} not null,
  name text,
  -- the primary one is marked; contact_emails has them again, for looking them up
  emails {json} not null,
  phone_numbers {json} not null,
  timezone text,
  job_title text,
  company text,
  country text,
  state text,
  city text,
  linkedin text,
  -- the same in lower case and without accents, by which contacts are searched
  searched_name text not null,
  searched_job_title text not null,
  searched_company text not null,
  searched_state text not null,
  searched_city text not null,
  -- digits, each number between spaces
  searched_phone_numbers text not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index contacts_by_creation on contacts (organization_id, created_at, id);
create index contacts_by_change on contacts (organization_id, updated_at, id);

-- Whose an address is: nobody else in the organization has it.
create table contact_emails (
  organization_id {uuid} not null,
  -- in lower case
  email text not null,
  contact_id {uuid} not null,
  primary key (organization_id, email)
){options};
create index contact_emails_by_contact on contact_emails (organization_id, contact_id);

-- Fields that contacts have in an organization besides those above.
create table contact_custom_field_definitions (
  organization_id {uuid} not null,
  id {uuid} not null,
  label text not null,
  -- in lower case: no two fields differ in nothing else
  label_key text not null,
  -- text, number, currency, tags, date, boolean, single_select or invitee_question
  field_type text not null,
  -- of single_select
  options {json},
  -- of currency
  currency text,
  -- of invitee_question
  source {json},
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create unique index contact_custom_field_definitions_label on contact_custom_field_definitions (organization_id, label_key);

create table contact_custom_field_values (
  organization_id {uuid} not null,
  contact_id {uuid} not null,
  definition_id {uuid} not null,
  value {json} not null,
  primary key (organization_id, contact_id, definition_id)
){options};
create index contact_custom_field_values_by_definition on contact_custom_field_values (organization_id, definition_id);

-- Lists that somebody put together. That of all contacts has no row.
create table contact_lists (
  organization_id {uuid} not null,
  id {uuid} not null,
  name text not null,
  -- in lower case and without accents: no two lists differ in nothing else
  name_key text not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create unique index contact_lists_name on contact_lists (organization_id, name_key);

create table contact_list_memberships (
  organization_id {uuid} not null,
  contact_list_id {uuid} not null,
  contact_id {uuid} not null,
  created_at {ts} not null,
  primary key (organization_id, contact_list_id, contact_id)
){options};
create index contact_list_memberships_by_contact on contact_list_memberships (organization_id, contact_id);

-- What somebody wrote down about a contact, for themselves.
create table notes (
  organization_id {uuid} not null,
  id {uuid} not null,
  -- who wrote it
  user_id {uuid} not null,
  contact_id {uuid} not null,
  title text,
  body text,
  remind_at {ts},
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index notes_by_user on notes (organization_id, user_id, updated_at, id);
create index notes_by_contact on notes (organization_id, contact_id);
