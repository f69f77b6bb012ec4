-- What was brought over from another server, so that it is brought once, however often that is done.

create table imports (
  organization_id {uuid} not null,
  -- the path of its address there
  path text not null,
  -- what it is here
  id {uuid} not null,
  -- SHA-256 in hexadecimal of what it was like there; empty: it was here before, and is not followed
  digest text not null,
  imported_at {ts} not null,
  primary key (organization_id, path)
){options};
