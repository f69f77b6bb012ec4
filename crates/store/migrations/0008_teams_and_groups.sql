-- Teams, who offer meetings under one name, and groups, which are parts of an organization with administrators of
-- their own.

create table teams (
  organization_id {uuid} not null,
  id {uuid} not null,
  name text not null,
  slug text not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index teams_by_creation on teams (organization_id, created_at, id);
create unique index teams_slug on teams (organization_id, slug);

create table team_members (
  organization_id {uuid} not null,
  team_id {uuid} not null,
  user_id {uuid} not null,
  -- the place in the list as it was sent
  position {int} not null,
  primary key (organization_id, team_id, user_id)
){options};
create index team_members_by_user on team_members (organization_id, user_id, team_id);

create table groups (
  organization_id {uuid} not null,
  id {uuid} not null,
  name text not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index groups_by_creation on groups (organization_id, created_at, id);
create unique index groups_name on groups (organization_id, lower(name));

-- What somebody, a member or still invited, is in a group.
create table group_relationships (
  organization_id {uuid} not null,
  id {uuid} not null,
  group_id {uuid} not null,
  -- one of these
  membership_id {uuid},
  invitation_id {uuid},
  -- member or admin
  role text not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create index group_relationships_by_creation on group_relationships (organization_id, created_at, id);
create unique index group_relationships_of_members on group_relationships (organization_id, membership_id, group_id, role)
  where membership_id is not null;
create unique index group_relationships_of_invited on group_relationships (organization_id, invitation_id, group_id, role)
  where invitation_id is not null;
-- everybody is a member of one group at most
create unique index group_relationships_member on group_relationships (organization_id, membership_id)
  where role = 'member' and membership_id is not null;
create unique index group_relationships_invited_member on group_relationships (organization_id, invitation_id)
  where role = 'member' and invitation_id is not null;
create index group_relationships_by_group on group_relationships (organization_id, group_id, role);
