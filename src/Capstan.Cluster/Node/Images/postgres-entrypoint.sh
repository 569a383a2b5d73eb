#!/bin/sh
# What the official image of PostgreSQL promises about its variables, for a server of this machine in a pod's directory.
set -eu

# NAME, or the content of the file that NAME_FILE names.
setting() {
    eval "plain=\${$1:-} file=\${$1_FILE:-}"
    if [ -n "$plain" ] && [ -n "$file" ]; then
        echo "error: both $1 and $1_FILE are set (but are exclusive)" >&2
        exit 1
    fi
    if [ -n "$file" ]; then plain=$(cat "$file"); fi
    printf '%s' "${plain:-$2}"
}

query() { psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password -h "$PGHOST" -U "$user" -d "$@"; }

initialize() {
    user=$(setting POSTGRES_USER postgres)
    password=$(setting POSTGRES_PASSWORD "")
    database=$(setting POSTGRES_DB "$user")
    method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
    if [ -z "$password" ] && [ "$method" != trust ]; then
        echo "Error: Database is uninitialized and superuser password is not specified." >&2
        echo "       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser." >&2
        exit 1
    fi
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA" 2>/dev/null || :
    secret=$(mktemp)
    printf '%s\n' "${password:-none}" > "$secret"
    # shellcheck disable=SC2086
    eval "initdb --username=\"\$user\" --pwfile=\"\$secret\" --auth-local=trust --auth-host=\"\$method\" ${POSTGRES_INITDB_ARGS:-}" || { rm -f "$secret"; exit 1; }
    rm -f "$secret"
    printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"

    # Nobody from outside before all is there: on the socket alone.
    postgres -D "$PGDATA" -c listen_addresses='' -c unix_socket_directories="$PGHOST" &
    first=$!
    until pg_isready -q -h "$PGHOST" -U "$user" -d postgres; do
        kill -0 $first 2>/dev/null || exit 1
        sleep 0.1
    done
    if [ "$database" != postgres ]; then
        printf 'CREATE DATABASE :"name";\n' | query postgres -v name="$database"
    fi
    for script in "$CAPSTAN_INITDB"/*; do
        case $script in
            *.sh) if [ -x "$script" ]; then "$script"; else (export POSTGRES_USER="$user" POSTGRES_DB="$database" PGUSER="$user" PGDATABASE="$database"; . "$script"); fi ;;
            *.sql) query "$database" -f "$script" ;;
            *.sql.gz) gunzip -c "$script" | query "$database" ;;
        esac
    done
    kill -INT $first
    wait $first || :
    echo "PostgreSQL init process complete; ready for start up."
}

# A server that was killed leaves its number, which another process may have by now, or nobody has waited for its end yet. It becomes ours, which PostgreSQL passes over
# to look at the memory that the file names: whoever still uses that is found.
forget_number() {
    lock=$PGDATA/postmaster.pid
    [ -s "$lock" ] || return 0
    read -r number < "$lock" || :
    [ "$(readlink "/proc/${number#-}/cwd")" != "$(cd "$PGDATA" && pwd -P)" ] || return 0
    sed "1s/.*/$$/" "$lock" > "$lock.new" && mv "$lock.new" "$lock"
}

case ${1:-postgres} in -*) set -- postgres "$@" ;; esac
if [ "${1:-postgres}" != postgres ]; then exec "$@"; fi
[ $# -gt 0 ] && shift
mkdir -p "$PGHOST"
if [ ! -s "$PGDATA/PG_VERSION" ]; then initialize; fi
forget_number
exec postgres -D "$PGDATA" -c listen_addresses="$CAPSTAN_POD_IP" -c unix_socket_directories="$PGHOST" "$@"
