#!/bin/sh
# The nightly backups of docker-compose.yml: databases into /backup/databases, then keys into /backup/keys.
#   backup.sh        for ever: once a day from BACKUP_AT on; what failed is tried again after a quarter of an hour
#   backup.sh once   now, and what has run out goes
#   backup.sh fresh  whether the last one is of today or yesterday: the service's health
# A failure is a line in the file of alerts, an unhealthy service and, after two days, a finding of `talentpool doctor`.
set -eu
root="${BACKUP_ROOT:-/backup}"
made="$root/databases/.made" # touched when both are written
alerts="${TALENTPOOL_ALERTS:-${TALENTPOOL_HOME:-/var/lib/talentpool}/alerts.jsonl}"

once() {
  # shellcheck disable=SC2046,SC2086 - one --recipient for each word of BACKUP_RECIPIENTS
  set -- $(printf -- '--recipient %s ' $BACKUP_RECIPIENTS)
  # In this order: the keys may be newer than the database, never older.
  talentpool backup --what database --out "$root/databases" --airflow TALENTPOOL_AIRFLOW_DATABASE_URL "$@" &&
    talentpool backup --what keys --out "$root/keys" "$@" &&
    touch "$made" &&
    # Only after a good one: whatever fails for weeks, the last generations stay.
    find "$root/databases" -maxdepth 1 -type d -name 'database-*' -mtime "+$BACKUP_KEEP_DAYS" -exec rm -rf {} +
}

due() { # nothing was made since the clock last showed BACKUP_AT
  at="$(date -d "today $BACKUP_AT" +%s)"
  [ "$at" -le "$(date +%s)" ] || at="$(date -d "yesterday $BACKUP_AT" +%s)"
  [ "$(stat -c %Y "$made" 2>/dev/null || echo 0)" -lt "$at" ]
}

case "${1:-forever}" in
once) once ;;
fresh) [ -n "$(find "$made" -mmin -1560 2>/dev/null)" ] ;;
forever)
  date -d "today $BACKUP_AT" >/dev/null || exit 2
  while :; do
    if due && ! once && [ "${told:-}" != "$at" ]; then
      told="$at"
      printf '{"at": "%s", "task_id": "backup", "message": "%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%S+00:00)" \
        "每日备份没有成功，每一刻钟再试一次；原因见 docker compose logs backup" >>"$alerts"
    fi
    sleep 900
  done
  ;;
*)
  echo "usage: backup.sh [once|fresh]" >&2
  exit 2
  ;;
esac
