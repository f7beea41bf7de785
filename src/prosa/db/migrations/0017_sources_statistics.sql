-- migrate:up
-- Where every row of a sample is of one source, the planner takes a partial index on the other sources for empty, and reads
-- a tenant's whole table for one contact (56 ms instead of 1 of 200,000). There are as many sources as the type has values.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table conversations alter column source set (n_distinct = 3);
analyze conversations;

-- migrate:down
-- Forward only.
