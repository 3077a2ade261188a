#!/bin/sh
# Makes sure that what the tests need beside Go is on this machine: a C
# compiler for the race detector, the servers of PostgreSQL and Redis, curl for
# the README's steps, Node for the widget and for an SDK that was made for
# Chatwoot, and Chromium for the widget's tests. On Debian and its kin root gets
# them by apt-get; everybody else is told what to install.
set -eu

missing=""

compiler=$(go env CC)
if ! command -v "${compiler%% *}" >/dev/null 2>&1; then
	missing="$missing gcc libc6-dev"
fi

have_postgres() {
	[ -n "${RELEVO_TEST_POSTGRES:-}" ] && return 0
	command -v initdb >/dev/null 2>&1 && return 0
	for program in /usr/lib/postgresql/*/bin/initdb; do
		[ -x "$program" ] && return 0
	done
	return 1
}
if ! have_postgres; then
	missing="$missing postgresql"
fi

command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v curl >/dev/null 2>&1 || missing="$missing curl"
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"

have_chromium() {
	[ -n "${RELEVO_CHROMIUM:-}" ] && return 0
	for program in chromium chromium-browser google-chrome; do
		command -v "$program" >/dev/null 2>&1 && return 0
	done
	return 1
}
if ! have_chromium; then
	missing="$missing chromium"
fi

[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "Installing Debian packages:$missing"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086 # a list of names
	apt-get install -y -qq --no-install-recommends $missing
	exit 0
fi

echo "The tests need these Debian packages, please install them: sudo apt-get install$missing" >&2
exit 1
