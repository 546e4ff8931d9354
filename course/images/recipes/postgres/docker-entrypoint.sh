#!/bin/bash
# The contract of the official image: a server whose data folder is empty makes its database first,
# as the variables POSTGRES_… say, and runs what lies in /docker-entrypoint-initdb.d, once.
set -eo pipefail
shopt -s nullglob

INIT_FILES=(/docker-entrypoint-initdb.d/*)
# Where nobody else finds it: a client outside that gets an answer has the real server.
INIT_SOCKETS=/tmp/initialising

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# A secret may come in a file that NAME_FILE names, as Docker mounts secrets.
from_file() {
  local name=$1 file=$1_FILE
  [ -n "${!file:-}" ] || return 0
  [ -z "${!name:-}" ] || fail "error: both $name and $file are set (but are exclusive)"
  [ -r "${!file}" ] || fail "error: $file names ${!file}, which cannot be read"
  export "$name=$(<"${!file}")"
  unset "$file"
}

check_options() {
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    fail "Error: Database is uninitialized and superuser password is not specified." \
      "       You must specify POSTGRES_PASSWORD to a non-empty value for the" \
      "       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\"." \
      "" \
      "       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all" \
      "       connections without a password. This is *not* recommended."
  fi
  if [ "$POSTGRES_HOST_AUTH_METHOD" = trust ]; then
    echo "WARNING: POSTGRES_HOST_AUTH_METHOD is trust: whoever reaches port 5432 is let in." >&2
  fi
}

make_database() {
  local arguments=(--username="$POSTGRES_USER" --no-sync) more=()
  [ -z "$POSTGRES_PASSWORD" ] || arguments+=(--pwfile=/dev/fd/3)
  [ -z "$POSTGRES_INITDB_WALDIR" ] || arguments+=(--waldir="$POSTGRES_INITDB_WALDIR")
  # As a shell would take them apart: --opt "two words".
  eval "more=($POSTGRES_INITDB_ARGS)"
  initdb "${arguments[@]}" "${more[@]}" 3<<<"$POSTGRES_PASSWORD"
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" \
    >>"$PGDATA/pg_hba.conf"
}

sql() { psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --no-password "$@"; }

run_init_files() {
  local file
  for file in "${INIT_FILES[@]}"; do
    case "$file" in
      *.sh)
        echo "$0: running $file"
        if [ -x "$file" ]; then "$file"; else . "$file"; fi
        ;;
      *.sql) echo "$0: running $file"; sql --dbname="$POSTGRES_DB" --file="$file" ;;
      *.sql.gz) echo "$0: running $file"; gunzip -c "$file" | sql --dbname="$POSTGRES_DB" ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
}

with_server() {
  mkdir -p "$INIT_SOCKETS"
  export PGHOST=$INIT_SOCKETS
  pg_ctl --pgdata="$PGDATA" --wait --silent start \
    -o "$(printf '%q ' "${@:2}" -c listen_addresses= -c unix_socket_directories="$INIT_SOCKETS")"
  "$1"
  pg_ctl --pgdata="$PGDATA" --wait --mode=fast --silent stop
  unset PGHOST
  rm -r "$INIT_SOCKETS"
}

fill_database() {
  if [ "$POSTGRES_DB" != postgres ]; then
    sql --dbname=postgres --set=name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
  fi
  run_init_files
}

wants_help() {
  local word
  for word; do
    case "$word" in -'?' | --help | -V | --version | --describe-config) return 0 ;; esac
  done
  return 1
}

case "${1:-}" in -*) set -- postgres "$@" ;; esac

if [ "${1:-}" = postgres ] && ! wants_help "$@"; then
  # While it is root: a secret may be for root only.
  for option in PASSWORD USER DB INITDB_ARGS; do from_file "POSTGRES_$option"; done
  if [ "$(id -u)" = 0 ]; then
    places=("$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"})
    mkdir -p "${places[@]}"
    chmod 700 "${places[@]}"
    find "${places[@]}" /run/postgresql \! -user postgres -exec chown postgres {} +
    exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$0" "$@"
  fi
  export POSTGRES_USER=${POSTGRES_USER:-postgres}
  export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
  if [ -s "$PGDATA/PG_VERSION" ]; then
    echo "PostgreSQL Database directory appears to contain a database; Skipping initialization"
  else
    check_options
    make_database
    if [ "${#INIT_FILES[@]}" -gt 0 ] || [ "$POSTGRES_DB" != postgres ]; then
      PGPASSWORD=$POSTGRES_PASSWORD with_server fill_database "${@:2}"
    fi
    echo "PostgreSQL init process complete; ready for start up."
  fi
fi
exec "$@"
