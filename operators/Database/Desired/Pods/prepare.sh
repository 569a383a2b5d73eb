# Makes the data directory ready, before the server of this pod starts. It can be killed at any point and begun again.
set -eu
umask 077

fail() {
  echo "prepare: $1" >&2
  exit 1
}

has_data() { [ -s "$PGDATA/PG_VERSION" ]; }

is_standby() { [ -e "$PGDATA/standby.signal" ]; }

# Who may connect: everybody with a password, standbys with their own role.
write_access_rules() {
  cat > "$PGDATA/pg_hba.conf" << 'END'
local all         all               scram-sha-256
host  all         all               all scram-sha-256
host  replication streaming_replica all scram-sha-256
END
}

# A directory is made beside its place and moved there when it is complete: what lies in its place is whole.
begin_new_data() {
  [ ! -e "$PGDATA" ] || rmdir "$PGDATA" 2> /dev/null || fail "$PGDATA holds something that is no PostgreSQL data: it is left alone"
  rm -rf "$PGDATA.new"
}

finish_new_data() {
  sync "$PGDATA.new" 2> /dev/null || sync
  mv "$PGDATA.new" "$PGDATA"
}

# --- the primary ---------------------------------------------------------------------------------------------------------------------------------

make_primary() {
  begin_new_data
  initdb --pgdata="$PGDATA.new" --username=postgres --auth=trust --encoding=UTF8 --data-checksums > /dev/null
  finish_new_data
}

# The Secret may be newer than the volume: what is in the Secret counts. Nobody can connect meanwhile.
set_superuser_password() {
  quoted=$(printf %s "$POSTGRES_PASSWORD" | tr -d '\n' | sed "s/'/''/g")
  printf "ALTER ROLE postgres WITH PASSWORD '%s'\n" "$quoted" | postgres --single -D "$PGDATA" -c password_encryption=scram-sha-256 postgres > /dev/null
}

prepare_primary() {
  has_data || make_primary
  write_access_rules
  # One that is still a standby is about to be promoted.
  is_standby || set_superuser_password
}

# --- a standby -----------------------------------------------------------------------------------------------------------------------------------

ask_primary() { PGPASSWORD=$POSTGRES_PASSWORD PGCONNECT_TIMEOUT=5 psql -XAtq -h "$address" -p 5432 -U postgres -d postgres -c "$1"; }

# Right after a promotion the control file has the old timeline still, and pg_rewind would find nothing to do.
wait_for_primary() {
  until [ "$(ask_primary "SELECT NOT pg_is_in_recovery()" 2> /dev/null)" = t ]; do sleep 1; done
  until [ "$(ask_primary "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int = timeline_id FROM pg_control_checkpoint()" 2> /dev/null)" = t ]; do
    ask_primary CHECKPOINT || true
    sleep 1
  done
}

control() { pg_controldata -D "$PGDATA" | sed -n "s/^$1: *//p"; }

is_of_the_same_system() { [ "$(control 'Database system identifier')" = "$(ask_primary 'SELECT system_identifier FROM pg_control_system()')" ]; }

# Whether the primary still has the write-ahead log from which this copy would go on.
can_go_on() {
  from=$(control 'Minimum recovery ending location')
  [ "$from" != 0/0 ] || from=$(control "Latest checkpoint's REDO location")
  [ "$(ask_primary "SELECT min(substr(name, 9)) <= substr(pg_walfile_name('$from'), 9) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}\$'")" = t ]
}

# Whether another primary took over while this standby was away. It may have heard more of the former one than the present one did, and then could not follow.
is_of_the_same_timeline() {
  timeline=$(control "Min recovery ending loc's timeline")
  [ "$timeline" != 0 ] || timeline=$(control "Latest checkpoint's TimeLineID")
  [ "$(ask_primary "SELECT timeline_id = $timeline FROM pg_control_checkpoint()")" = t ]
}

# What was written after the present primary took over is dropped; where there is nothing of the kind, nothing is done.
rewind() {
  PGPASSWORD=$POSTGRES_PASSWORD pg_rewind --target-pgdata="$PGDATA" --source-server="host=$address port=5432 user=postgres dbname=postgres"
}

start_anew() {
  echo "prepare: $1: it is cloned again"
  rm -rf "$PGDATA"
}

# The operator makes the role first and the slot last.
wait_for_slot() {
  until [ "$(ask_primary "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$slot'" 2> /dev/null)" = 1 ]; do sleep 1; done
}

clone() {
  begin_new_data
  wait_for_slot
  PGPASSWORD=$REPLICATION_PASSWORD pg_basebackup --pgdata="$PGDATA.new" --host="$address" --port=5432 --username=streaming_replica \
    --wal-method=stream --slot="$slot" --checkpoint=fast --no-password
  finish_new_data
}

follow() {
  settings=$PGDATA/postgresql.auto.conf
  touch "$settings"
  sed -i -e '/^primary_conninfo\b/d' -e '/^primary_slot_name\b/d' -e '/^default_transaction_read_only\b/d' "$settings"
  cat >> "$settings" << END
primary_conninfo = 'host=$address port=5432 user=streaming_replica password=$REPLICATION_PASSWORD application_name=$POD_NAME'
primary_slot_name = '$slot'
END
  # Slots of a former primary would keep its write-ahead log for ever.
  rm -rf "$PGDATA/pg_replslot/"*
  touch "$PGDATA/standby.signal"
}

prepare_standby() {
  eval "address=\${$PRIMARY_ADDRESS_VARIABLE}"
  slot=$(printf %s "$POD_NAME" | tr - _)
  wait_for_primary
  if has_data; then
    is_of_the_same_system || fail "the volume of $POD_NAME is of another database than that of $PRIMARY: nothing is overwritten; delete the claim to have it cloned"
    if ! is_standby; then
      rewind || start_anew "the files of $POD_NAME cannot be rewound"
    elif ! can_go_on; then
      start_anew "$PRIMARY has dropped what $POD_NAME lacks"
    elif ! is_of_the_same_timeline; then
      rewind || start_anew "the files of $POD_NAME cannot be rewound"
    fi
  fi
  has_data || clone
  write_access_rules
  follow
}

if [ "$POD_NAME" = "$PRIMARY" ]; then prepare_primary; else prepare_standby; fi
