-- For an administrator of the server, where the login of DATABASE_URL may not create roles: Prosa's roles, as migration 0001 would make
-- them. Write your login in the place of OWNER. The passwords are those that docs/supabase.md prints. Then run: prosa migrate
create role prosa_client nologin noinherit;
create role prosa_admin nologin noinherit;
create role prosa_super_admin nologin noinherit;
create role prosa_login nologin noinherit;
create role prosa_app login noinherit password 'PASSWORD_OF_PROSA_APP';
create role prosa_platform login noinherit password 'PASSWORD_OF_PROSA_PLATFORM';
grant prosa_client, prosa_admin to prosa_app;
grant prosa_super_admin to prosa_platform;
grant prosa_login to OWNER;
alter role prosa_app set search_path = public, pg_temp;
alter role prosa_platform set search_path = public, pg_temp;
