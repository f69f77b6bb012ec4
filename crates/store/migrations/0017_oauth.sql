-- Applications that act for users who allowed it (OAuth 2.1).

create table oauth_applications (
  -- nil where the application registered itself
  organization_id {uuid} not null,
  id {uuid} not null,
  -- whose it is; null where it registered itself
  user_id {uuid},
  name text not null,
  -- web or native
  kind text not null,
  -- sandbox or production
  environment text not null,
  redirect_uris {json} not null,
  scopes {json} not null,
  client_id text not null,
  -- SHA-256 in hexadecimal; null: it can keep no secret
  secret_hash text,
  -- signs the webhooks that it asks for
  webhook_signing_key text not null,
  created_at {ts} not null,
  updated_at {ts} not null,
  primary key (organization_id, id)
){options};
create unique index oauth_applications_client on oauth_applications (client_id);
create index oauth_applications_by_user on oauth_applications (organization_id, user_id, created_at, id);

-- That a user allowed an application to act for them. All that is issued because of it ends with it.
create table oauth_grants (
  -- that of the user
  organization_id {uuid} not null,
  id {uuid} not null,
  user_id {uuid} not null,
  application_id {uuid} not null,
  scopes {json} not null,
  created_at {ts} not null,
  revoked_at {ts},
  primary key (organization_id, id)
){options};
create index oauth_grants_by_user on oauth_grants (organization_id, user_id);
create index oauth_grants_by_application on oauth_grants (application_id);

create table oauth_codes (
  organization_id {uuid} not null,
  id {uuid} not null,
  grant_id {uuid} not null,
  -- SHA-256 in hexadecimal
  hash text not null,
  redirect_uri text not null,
  -- of RFC 7636, S256
  code_challenge text,
  expires_at {ts} not null,
  used_at {ts},
  primary key (organization_id, id)
){options};
create unique index oauth_codes_hash on oauth_codes (hash);
create index oauth_codes_by_expiry on oauth_codes (organization_id, expires_at);

create table oauth_refresh_tokens (
  organization_id {uuid} not null,
  id {uuid} not null,
  grant_id {uuid} not null,
  -- SHA-256 in hexadecimal
  hash text not null,
  created_at {ts} not null,
  -- each is used once; one that comes again was stolen, or its successor was
  used_at {ts},
  primary key (organization_id, id)
){options};
create unique index oauth_refresh_tokens_hash on oauth_refresh_tokens (hash);
create index oauth_refresh_tokens_by_grant on oauth_refresh_tokens (organization_id, grant_id, used_at);

-- Access tokens of applications are tokens like others; these two say of which grant. Null: a personal one.
alter table personal_access_tokens add column application_id {uuid};
alter table personal_access_tokens add column grant_id {uuid};
create index personal_access_tokens_by_grant on personal_access_tokens (organization_id, grant_id, expires_at);
