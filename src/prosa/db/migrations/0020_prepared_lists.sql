-- migrate:up
-- Lists and segments over a year come out of the prepared days too: what they are ordered by, beside what KPIs count.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

truncate prepared_days;  -- a copy: days without a row are computed, and prepared again by the worker
-- 40 bytes a conversation, in the order of `rows`, laid out as prosa.facts.prepared says. A value of its own: what counts
-- does not read it.
alter table prepared_days add column listed bytea not null;
alter table prepared_days alter column listed set storage external;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
