#!/bin/bash
# The contract of the official image: a server whose data folder is empty makes its database first,
# as the variables MYSQL_… say, and runs what lies in /docker-entrypoint-initdb.d, once.
set -eo pipefail
shopt -s nullglob

INIT_FILES=(/docker-entrypoint-initdb.d/*)
INIT_SOCKET=/run/mysqld/initialising.sock
SCHEMA=/usr/share/mariadb

say() { echo "$(date --rfc-3339=seconds) [$1] [Entrypoint]: ${*:2}"; }
fail() {
  say ERROR "$@" >&2
  exit 1
}

# A secret may come in a file that NAME_FILE names, as Docker mounts secrets.
from_file() {
  local name=$1 file=$1_FILE
  [ -n "${!file:-}" ] || return 0
  [ -z "${!name:-}" ] || fail "Both $name and $file are set (but are exclusive)"
  [ -r "${!file}" ] || fail "$file names ${!file}, which cannot be read"
  export "$name=$(<"${!file}")"
  unset "$file"
}

# SQL text. --bootstrap reads one statement a line, so a line break must not stay one.
text() {
  local value=${1//\\/\\\\}
  value=${value//\'/\\\'}
  printf "'%s'" "${value//$'\n'/\\n}"
}
name() { printf '`%s`' "${1//\`/\`\`}"; }

setting() { mysqld --verbose --help "${@:2}" 2>/dev/null | awk -v key="$1" '$1 == key { print $2; exit }'; }

check_options() {
  if [ -z "$MYSQL_ROOT_PASSWORD$MYSQL_ALLOW_EMPTY_PASSWORD$MYSQL_RANDOM_ROOT_PASSWORD" ]; then
    fail "Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD"
  fi
  if [ "$MYSQL_USER" = root ]; then
    fail "MYSQL_USER=\"root\": MYSQL_USER and MYSQL_PASSWORD are for another user than root." \
      "Use MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD or MYSQL_RANDOM_ROOT_PASSWORD."
  fi
  if [ -n "$MYSQL_USER" ] && [ -z "$MYSQL_PASSWORD" ]; then
    say Warn "MYSQL_USER specified, but missing MYSQL_PASSWORD; MYSQL_USER will not be created"
  elif [ -z "$MYSQL_USER" ] && [ -n "$MYSQL_PASSWORD" ]; then
    say Warn "MYSQL_PASSWORD specified, but missing MYSQL_USER; MYSQL_PASSWORD will be ignored"
  fi
  # What the engine itself leaves in the root of a file system is no database, and no harm.
  local found=("$1"/*)
  if [ "${#found[@]}" -gt 0 ] && [ "${found[*]}" != "$1/lost+found" ]; then
    fail "$1 holds no database, but has files in it: ${found[*]##*/}"
  fi
}

accounts() {
  local root host=${MYSQL_ROOT_HOST-%} user
  root=$(text "$MYSQL_ROOT_PASSWORD")
  # Until they are loaded, the server knows no accounts. The script before made root in variants.
  echo "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');"
  echo "DELETE FROM mysql.proxies_priv WHERE Host <> 'localhost';"
  echo "FLUSH PRIVILEGES;"
  echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $root;"
  if [ -n "$host" ] && [ "$host" != localhost ]; then
    echo "CREATE USER 'root'@$(text "$host") IDENTIFIED BY $root;"
    echo "GRANT ALL ON *.* TO 'root'@$(text "$host") WITH GRANT OPTION;"
  fi
  [ -z "$MYSQL_DATABASE" ] || echo "CREATE DATABASE IF NOT EXISTS $(name "$MYSQL_DATABASE");"
  if [ -n "$MYSQL_USER" ] && [ -n "$MYSQL_PASSWORD" ]; then
    user="$(text "$MYSQL_USER")@'%'"
    echo "CREATE USER $user IDENTIFIED BY $(text "$MYSQL_PASSWORD");"
    # In a GRANT, _ stands for any letter.
    [ -z "$MYSQL_DATABASE" ] || echo "GRANT ALL ON $(name "${MYSQL_DATABASE//_/\\_}").* TO $user;"
  fi
}

schema() {
  echo "CREATE DATABASE mysql;"
  echo "USE mysql;"
  echo "SET @auth_root_socket = NULL;"
  cat "$SCHEMA"/mariadb_system_tables.sql "$SCHEMA"/mariadb_performance_tables.sql \
    "$SCHEMA"/mariadb_system_tables_data.sql "$SCHEMA"/mariadb_sys_schema.sql
}

# The tables of time zones stay empty, which saves seconds at each first start. So it makes no
# difference whether MYSQL_INITDB_SKIP_TZINFO is set.
make_database() {
  say Note "Initializing database files"
  if [ -n "$MYSQL_RANDOM_ROOT_PASSWORD" ]; then
    MYSQL_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
    export MYSQL_ROOT_PASSWORD
    say Note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
  fi
  # What breaks off half-way is no database: no need to wait for the disk after each table.
  { schema && accounts; } | "$@" --bootstrap --silent-startup --max-allowed-packet=8M \
    --skip-sync-frm --innodb-flush-log-at-trx-commit=0
  say Note "Database files initialized"
}

as_root() { MYSQL_PWD=$MYSQL_ROOT_PASSWORD "$1" --user=root "${@:2}"; }

# Where nobody else finds it: a client outside that gets an answer has the real server.
with_server() {
  local server=("${@:2}") pid
  export MYSQL_UNIX_PORT=$INIT_SOCKET
  say Note "Starting temporary server"
  "${server[@]}" --skip-networking --socket=$INIT_SOCKET &
  pid=$!
  until as_root mysqladmin --silent ping >/dev/null 2>&1; do
    kill -0 $pid 2>/dev/null || fail "The temporary server ended."
    sleep 0.1
  done
  "$1"
  say Note "Stopping temporary server"
  kill $pid
  wait $pid
  unset MYSQL_UNIX_PORT
}

run_init_files() {
  local file
  for file in "${INIT_FILES[@]}"; do
    case "$file" in
      *.sh)
        say Note "running $file"
        if [ -x "$file" ]; then "$file"; else . "$file"; fi
        ;;
      *.sql) say Note "running $file"; as_root mysql "$MYSQL_DATABASE" <"$file" ;;
      *.sql.gz) say Note "running $file"; gunzip -c "$file" | as_root mysql "$MYSQL_DATABASE" ;;
      *) say Warn "ignoring $file" ;;
    esac
  done
  if [ -n "$MYSQL_ONETIME_PASSWORD" ]; then
    as_root mysql <<<"ALTER USER 'root'@$(text "${MYSQL_ROOT_HOST:-%}") PASSWORD EXPIRE;"
  fi
}

wants_help() {
  local word
  for word; do
    case "$word" in -'?' | --help | -V | --version | --print-defaults) return 0 ;; esac
  done
  return 1
}

case "${1:-}" in -*) set -- mysqld "$@" ;; esac

if [ "${1:-}" = mysqld ] && ! wants_help "$@"; then
  if ! said=$("$@" --verbose --help 2>&1 >/dev/null); then
    fail "mysqld does not take these options or settings: $said"
  fi
  data=$(setting datadir "${@:2}")
  data=${data%/}
  # While it is root: a secret may be for root only.
  for option in ROOT_PASSWORD DATABASE USER PASSWORD ROOT_HOST; do from_file "MYSQL_$option"; done
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$data"
    find "$data" /run/mysqld \! -user mysql -exec chown mysql {} +
    exec setpriv --reuid=mysql --regid=mysql --clear-groups -- "$0" "$@"
  fi
  if [ ! -d "$data/mysql" ]; then
    check_options "$data"
    make_database "$@"
    if [ "${#INIT_FILES[@]}" -gt 0 ] || [ -n "$MYSQL_ONETIME_PASSWORD" ]; then
      with_server run_init_files "$@"
    fi
    say Note "MySQL init process done. Ready for start up."
  fi
fi
exec "$@"
