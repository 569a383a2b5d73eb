# Puts the database of a copy in the place of the present one: all of it or nothing. It can be killed at any point and begun again, and never does it twice.
set -eu

fail() {
  echo "restore: $1" >&2
  exit 1
}

# Nothing that another try could mend.
refuse() {
  echo "restore: $1" >&2
  exit 3
}

eval "PGHOST=\${$PRIMARY_ADDRESS_VARIABLE:-}"
[ -n "$PGHOST" ] || fail "the Service of the primary has no address"
export PGHOST PGPORT=5432 PGCONNECT_TIMEOUT=10 PGAPPNAME="$FRESH" PGOPTIONS=--client-min-messages=warning

# Names and texts reach SQL as variables of psql, which quotes them.
sql() {
  psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname=postgres \
    --set=target="$TARGET" --set=owner="$OWNER" --set=fresh="$FRESH" --set=former="$FORMER" --set=mark="$MARK"
}

check_copy() {
  [ -f "$COPY" ] || refuse "the copy ${COPY##*/} is not on the volume"
  [ "$(sha256sum < "$COPY" | cut -d ' ' -f 1)" = "$SHA256" ] || refuse "the copy ${COPY##*/} is not the one that was made: its checksum is another"
}

# The mark is on the database from the moment in which it took the name.
count_done() { echo "SELECT count(*) FROM pg_database WHERE datname = :'target' AND shobj_description(oid, 'pg_database') = :'mark'" | sql; }

# A server goes on with what a client that was killed had asked it for.
end_former_tries() { echo "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :'fresh' AND pid <> pg_backend_pid()" | sql > /dev/null; }

remove_fresh() {
  sql > /dev/null << 'END'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'fresh';
DROP DATABASE IF EXISTS :"fresh";
END
}

remove_former() {
  sql > /dev/null << 'END'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'former';
DROP DATABASE IF EXISTS :"former";
END
}

make_fresh() {
  remove_fresh
  trap 'remove_fresh 2> /dev/null || true' EXIT
  echo 'CREATE DATABASE :"fresh" OWNER :"owner" TEMPLATE template0' | sql
  case $OWNERS in
    kept) pg_restore --exit-on-error --no-password --dbname="$FRESH" "$COPY" ;;
    *) pg_restore --exit-on-error --no-password --no-owner --role="$OWNER" --dbname="$FRESH" "$COPY" ;;
  esac
  psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --dbname="$FRESH" --command=ANALYZE
}

# Who comes back between the end of the sessions and the lock makes it fail: then it is tried again.
take_place() {
  sql > /dev/null << 'END'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (:'target', :'fresh');
BEGIN;
SELECT format('ALTER DATABASE %I RENAME TO %I', datname, :'former') FROM pg_database WHERE datname = :'target' \gexec
ALTER DATABASE :"fresh" RENAME TO :"target";
COMMENT ON DATABASE :"target" IS :'mark';
COMMIT;
END
}

check_copy
end_former_tries
# Who cannot tell must not begin: rows that came later would be lost.
done=$(count_done)
if [ "$done" != 1 ]; then
  make_fresh
  tries=1
  until take_place; do
    [ "$tries" -lt 10 ] || fail "the sessions in the database do not end"
    tries=$((tries + 1))
  done
  trap - EXIT
fi
note=
remove_former || note="the former database is still there, as $FORMER"
printf 'sha256=%s\nnote=%s\n' "$SHA256" "$note" > /dev/termination-log
