-- Invitees who did not come.

-- the id of the mark; null: nobody says so
alter table invitees add column no_show_id {uuid};
-- when it was set
alter table invitees add column no_show_at {ts};
create unique index invitees_no_shows on invitees (organization_id, no_show_id) where no_show_id is not null;
