# Watches over the PostgreSQL that tests share and stops it when nobody has
# been connected for a minute; a stopped server leaves nothing behind.
# Arguments: folder of the binaries, folder of the server, lock file.
bin=$1 server=$2 lock=$3
export PATH="$bin:$PATH"
exec </dev/null >>"$server/keeper.log" 2>&1

clients() {
	psql -h "$server" -U postgres -d postgres -XAtc \
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
}

# Whoever wants the server takes the lock before looking whether it runs, so
# the last look and the stop must be under it too.
take_lock() {
	if command -v flock; then
		exec 9<"$lock" && flock -n 9
	fi
}

idle=0
while sleep 5; do
	pg_ctl -D "$server/data" status || break
	if [ "$(clients)" = 0 ]; then idle=$((idle + 1)); else idle=0; fi
	if [ "$idle" -ge 12 ] && take_lock && [ "$(clients)" = 0 ]; then
		pg_ctl -D "$server/data" -m fast -w stop
		rm -rf "$server/data"
		break
	fi
done
