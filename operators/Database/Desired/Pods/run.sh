# Runs the server. A pod whose address is of the machine's own loopback shares it with others, so the server keeps to that address.
set -eu

case "$POD_IP" in
  127.*) listen=$POD_IP ;;
  *) listen='*' ;;
esac

# A socket's path has room for 107 characters.
sockets=$PGSOCKETS
[ "${#sockets}" -lt 88 ] || sockets=

# postgres takes SIGTERM as "when all clients have left": a pod ends fast instead, and a primary that ends fast gives its standbys everything first.
trap 'kill -INT "$server"' TERM INT
postgres -D "$PGDATA" \
  -c listen_addresses="$listen" \
  -c unix_socket_directories="$sockets" \
  -c hba_file="$PGDATA/pg_hba.conf" \
  -c password_encryption=scram-sha-256 \
  -c wal_level=replica \
  -c hot_standby=on \
  -c wal_retrieve_retry_interval=1s \
  -c wal_log_hints=on &
server=$!
code=0
wait "$server" || code=$?
# A signal ends the first wait, and not the server.
if kill -0 "$server" 2> /dev/null; then
  code=0
  wait "$server" || code=$?
fi
exit "$code"
