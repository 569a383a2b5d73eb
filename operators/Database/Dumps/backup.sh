# Copies one database to a file that is whole or not there. It can be killed at any point and begun again.
set -eu
umask 077

fail() {
  echo "backup: $1" >&2
  exit 1
}

eval "PGHOST=\${$PRIMARY_ADDRESS_VARIABLE:-}"
[ -n "$PGHOST" ] || fail "the Service of the primary has no address"
export PGHOST PGPORT=5432 PGCONNECT_TIMEOUT=10

# Names begin with the time, so that their order is that of age.
copies() { find "$DIRECTORY" -name '*.dump' | sort -r; }

checksum() { sha256sum < "$1" | cut -d ' ' -f 1; }

# The names of files tell the run that made them: one that was killed after its copy was complete does not make another.
copy_of_this_run() { copies | grep -F -- "-$RUN.dump" || true; }

make_copy() {
  copy=$DIRECTORY/$(date -u +%Y%m%d-%H%M%S)-$RUN.dump
  part=$copy.part
  trap 'rm -f "$part" "$copy.sha256"' EXIT
  pg_dump --format=custom --no-password --file="$part"
  # Read back, every row of it.
  pg_restore --file=- "$part" > /dev/null
  printf '%s  %s\n' "$(checksum "$part")" "${copy##*/}" > "$copy.sha256"
  mv "$part" "$copy"
  trap - EXIT
  sync "$copy.sha256" "$DIRECTORY" 2> /dev/null || sync
}

# What older runs of this Backup left beyond what is to be kept; copies of others are in other directories.
remove_old_copies() {
  copies | tail -n +"$((RETENTION + 1))" | while IFS= read -r old; do rm -f "$old" "$old.sha256"; done
}

mkdir -p "$DIRECTORY"
find "$DIRECTORY" -name '*.part' -exec rm -f {} +
copy=$(copy_of_this_run)
[ -n "$copy" ] || make_copy
sum=$(checksum "$copy")
[ -n "$sum" ] && [ "$sum" = "$(cut -d ' ' -f 1 < "$copy.sha256")" ] || fail "$copy is not as it was written"
remove_old_copies
printf 'file=%s\nsize=%s\nsha256=%s\ncopies=%s\n' "${copy##*/}" "$(stat -c %s "$copy")" "$sum" "$(copies | wc -l)" > /dev/termination-log
