-- migrate:up
-- Who was erased and wanted no messages must get none when his number comes back by an import: his opt-out stays, under a keyed
-- hash of his address (prosa.conversations.aliases). The key is the tenant's own, random, and encrypted with SECRET_KEY: numbers
-- are so few that whoever had it could try them all.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table alias_keys (
  tenant_id bigint not null references tenants,
  key_encrypted bytea not null,           -- Fernet
  primary key (tenant_id)
);
select wall('alias_keys', client => 'select', admin => 'select');  -- made by the operator's connection, as erasures are

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
