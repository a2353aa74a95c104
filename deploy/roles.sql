-- Roles and database, once for each cluster, as its superuser; a second time does no harm:
--
--     IAGO_PASSWORD=... psql < deploy/roles.sql
--
-- `iago` owns the database; coordinators and `iago token` use it. `iago_reader` is a group for people who
-- query: it may read and nothing else.

\set ON_ERROR_STOP on
\getenv password IAGO_PASSWORD
\if :{?password}
\else
    do $$ begin raise 'IAGO_PASSWORD is not set: set it to the password that coordinators will use'; end $$;
\endif

select 'create role iago login' where not exists (select from pg_roles where rolname = 'iago') \gexec
select 'create role iago_reader nologin' where not exists (select from pg_roles where rolname = 'iago_reader') \gexec
select 'create database iago owner iago encoding ''UTF8'' template template0'
where not exists (select from pg_database where datname = 'iago') \gexec

-- No log may have the password.
set log_statement = 'none';
set log_min_duration_statement = -1;
alter role iago password :'password';

revoke all on database iago from public;
grant connect on database iago to iago_reader;
-- So that a view is found by its bare name. Coordinators make the schema, the views and the grants.
alter database iago set search_path = iago, public;
