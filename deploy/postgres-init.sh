#!/bin/sh
# Run once by the postgres image on an empty volume: one role and one database for the pool, one for Airflow.
# Neither role may enter the other's database. Passwords are read by psql itself, so that no process list shows them.
set -eu
SECRETS="${SECRETS:-/run/secrets}"
for name in talentpool airflow; do
  psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres --set="name=$name" <<SQL
\set password \`cat '$SECRETS/${name}_password'\`
create role :"name" login password :'password' nosuperuser nocreatedb nocreaterole;
create database :"name" owner :"name" encoding utf8 template template0;
revoke all on database :"name" from public;
SQL
done
# What the pool's rows are under (docs/adr/0022, 0055): tasks read them all by membership, pages and officers by scope; the
# owner, talentpool, migrates and makes logins, and nothing else logs in as it. `talentpool init` gives the passwords.
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<SQL
create role talentpool_pipeline nologin;
create role talentpool_reader nologin;
create role talentpool_console login in role talentpool_reader;
create role talentpool_tasks login in role talentpool_pipeline;
create role talentpool_backup login;
grant talentpool_pipeline, talentpool_reader, talentpool_console, talentpool_tasks, talentpool_backup to talentpool
  with admin option;
alter role talentpool createrole;
grant connect on database talentpool to talentpool_reader, talentpool_pipeline, talentpool_backup;
\connect talentpool
-- large objects belong to no table and have no bound; nothing here uses them
revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) from public;
SQL
