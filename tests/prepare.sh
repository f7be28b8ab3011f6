#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks: on Debian, as root or with a sudo that asks nothing.
# Says what it could not install; the tests that need it fail with the same advice.
set -uo pipefail

export DEBIAN_FRONTEND=noninteractive

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

has_postgres() {
  [ -n "${PG_BIN:-}" ] || command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
}

has_chromium() {
  command -v "${CHROMIUM:-chromium}" >/dev/null
}

has_clamd() {
  [ -x /usr/sbin/clamd ] || command -v clamd >/dev/null
}

has_nginx() {
  [ -x "${NGINX:-/usr/sbin/nginx}" ]
}

missing=()
command -v cc >/dev/null || missing+=(build-essential)
# A server from the environment needs the client all the same.
has_postgres && command -v psql >/dev/null || missing+=(postgresql)
command -v redis-server >/dev/null || missing+=(redis-server)
has_chromium || missing+=(chromium)
has_nginx || missing+=(nginx-light)
has_clamd || missing+=(clamav-daemon)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)

[ ${#missing[@]} -eq 0 ] && exit 0
if ! may_install; then
  echo "missing, and not installable from here: apt-get install -y ${missing[*]}"
  exit 0
fi
echo "installing ${missing[*]}"
as_root apt-get update -qq &&
  as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  echo "could not install: apt-get install -y ${missing[*]}"
exit 0
