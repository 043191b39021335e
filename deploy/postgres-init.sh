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
