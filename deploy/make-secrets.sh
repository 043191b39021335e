#!/bin/sh
# Make every secret of a deployment once: deploy/make-secrets.sh [FOLDER], default ./secrets. What is there stays.
#
# The folder is its owner's alone (0700); the files in it may be read by the users inside the containers, which see
# only the files they are given. The keys belong to the one user of our image, and to nobody else (0700, 0600).
# Back up FOLDER/keys apart from the databases: lost keys are lost people.
set -eu
folder="${1:-secrets}"
umask 077
mkdir -p "$folder/keys"
chmod 700 "$folder"

random() { # bytes of /dev/urandom as hex
  head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

put() { # name, text: written whole, never over an existing file
  [ -e "$folder/$1" ] && return
  printf '%s' "$2" > "$folder/$1.part"
  chmod 444 "$folder/$1.part"
  mv "$folder/$1.part" "$folder/$1"
  echo "made $folder/$1" >&2
}

for name in postgres_password talentpool_password tasks_password console_password backup_password airflow_password redis_password airflow_api_secret landing_secret; do
  put "$name" "$(random 24)"
done
put airflow_jwt_secret "$(random 64)"
put airflow_fernet_key "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n')"
put admin_password "$(random 12)"

airflow="airflow:$(cat "$folder/airflow_password")@postgres:5432/airflow"
pool="postgres:5432/talentpool"
put talentpool_owner_database_url "postgresql+psycopg://talentpool:$(cat "$folder/talentpool_password")@$pool"
put talentpool_database_url "postgresql+psycopg://talentpool_tasks:$(cat "$folder/tasks_password")@$pool"
put talentpool_backup_database_url "postgresql+psycopg://talentpool_backup:$(cat "$folder/backup_password")@$pool"
put talentpool_console_database_url \
  "postgresql+psycopg://talentpool_console:$(cat "$folder/console_password")@$pool"
put airflow_database_url "postgresql+psycopg2://$airflow"
put talentpool_airflow_database_url "postgresql+psycopg://$airflow"
put airflow_result_backend "db+postgresql+psycopg://$airflow"
put airflow_broker_url "redis://:$(cat "$folder/redis_password")@redis:6379/0"
put redis_config "requirepass $(cat "$folder/redis_password")
dir /data
appendonly yes
maxmemory-policy noeviction
"
put landing_credentials "[default]
aws_access_key_id = talentpool
aws_secret_access_key = $(cat "$folder/landing_secret")
"
put landing_identities "{\"identities\": [{\"name\": \"talentpool\", \"actions\": [\"Admin:landing\"], \"credentials\": [
  {\"accessKey\": \"talentpool\", \"secretKey\": \"$(cat "$folder/landing_secret")\"}]}]}"

for name in envelope record_id person_id suppression row_hash index_id_number index_mobile index_name_county match list_row landing; do
  put "keys/$name.key" "$(random 32)"
done

chmod 600 "$folder"/keys/*.key
if [ "$(id -u)" = 0 ]; then
  chown -R 50000:0 "$folder/keys"
else
  echo "still to do: sudo chown -R 50000:0 $folder/keys" >&2
fi

for name in tls_certificate tls_key; do
  [ -e "$folder/$name" ] || echo "still missing: $folder/$name (PEM, from whoever issues the office's certificates)" >&2
done
