#!/usr/bin/env bash
# Runs every test there is: in real Chromium, with Socket.IO's own clients, of the workspace, and the documentation's
# examples.
#
# Installs what is missing where it may, starts a throw-away PostgreSQL server, and cleans up. Says what it skipped;
# with CI=true that counts as failed. The last line adds everything up: N passed, N failed.
#
#   SUPPORT_TEST_PG_URL  a running PostgreSQL server to use instead (its superuser's URL)
#   CHROMIUM             the browser's path; the `chromium` found by default
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

# A caller that has checked other things before has them added up here as well.
passed=${CHECKS_PASSED:-0}
failed=${CHECKS_FAILED:-0}
skipped=()
postgres=
work=$(mktemp -d)

finish() {
  local status=$?
  trap - EXIT
  if [ -n "$postgres" ]; then
    exec 9>&-
    kill "$postgres" 2>/dev/null
    wait "$postgres" 2>/dev/null
  fi
  rm -rf "$work"
  local what
  for what in ${skipped[@]+"${skipped[@]}"}; do
    echo "skipped: $what"
  done
  if [ "${CI:-}" = true ] && [ ${#skipped[@]} -gt 0 ]; then
    echo "CI=true: what was skipped counts as failed"
    failed=$((failed + ${#skipped[@]}))
  fi
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1
  fi
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && exit 0
  exit 1
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command, shows what it writes and keeps that in a file: logged FILE COMMAND…
logged() {
  local log=$1
  shift
  echo "> $*"
  "$@" 2>&1 | tee "$log"
  return "${PIPESTATUS[0]}"
}

# Adds a runner's sums: count NAME STATUS PASSED FAILED SKIPPED
count() {
  local name=$1 status=$2 ok=${3:-0} bad=${4:-0} left=${5:-0}
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
    echo "$name ended with status $status"
    bad=1
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  [ "$left" -eq 0 ] || skipped+=("$left of $name")
}

plain() { sed 's/\x1b\[[0-9;]*m//g' "$1"; }

# The number before a word: `number ' passed' TEXT`.
number() { grep -oE "[0-9]+$1" <<<"$2" | grep -oE '^[0-9]+' | tail -n 1; }

# Adds up the lines that cargo's own test runner ends each executable with.
count_cargo_test() {
  local name=$1 status=$2 log=$3 sums
  sums=$(plain "$log" | awk '/^test result:/ { ok += $4; bad += $6; left += $8 } END { print ok + 0, bad + 0, left + 0 }')
  # shellcheck disable=SC2086
  count "$name" "$status" $sums
}

build() {
  logged "$work/build" cargo build --workspace --all-targets --locked && return
  failed=$((failed + 1))
  exit 1
}

start_postgres() {
  [ -n "${SUPPORT_TEST_PG_URL:-}" ] && return
  mkfifo "$work/postgres.in"
  "$target/debug/throwaway_postgres" <"$work/postgres.in" >"$work/postgres.url" 2>"$work/postgres.log" &
  postgres=$!
  exec 9>"$work/postgres.in"
  local tries=600
  while [ ! -s "$work/postgres.url" ] && [ $((tries -= 1)) -gt 0 ] && kill -0 "$postgres" 2>/dev/null; do
    sleep 0.1
  done
  if [ ! -s "$work/postgres.url" ]; then
    echo "no PostgreSQL server, so the tests that need one will fail:"
    cat "$work/postgres.log"
    return
  fi
  SUPPORT_TEST_PG_URL=$(cat "$work/postgres.url")
  export SUPPORT_TEST_PG_URL
}

# Runs what is in a folder with node's own test runner: test_with_node NAME FOLDER
test_with_node() {
  local name=$1 folder=$2
  if ! logged "$work/npm" npm --prefix "$folder" ci --no-audit --no-fund; then
    count "$name" 1
    return
  fi
  local tap=$work/node.tap status
  # Node waits for whatever a test leaves open: a hang is a failure, and the rest must still have its turn.
  (cd "$folder" && exec timeout --kill-after=10 1200 node --test --test-concurrency=2 \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$tap")
  status=$?
  tap=$(cat "$tap" 2>/dev/null)
  local bad
  bad=$(awk '/^# (fail|cancelled) / { sum += $3 } END { print sum + 0 }' <<<"$tap")
  local left
  left=$(awk '/^# (skipped|todo) / { sum += $3 } END { print sum + 0 }' <<<"$tap")
  count "$name" "$status" "$(awk '/^# pass / { print $3 }' <<<"$tap")" "$bad" "$left"
}

# Whether all these programs are there; says what is left out if not: has_programs NAME PROGRAM…
has_programs() {
  local name=$1 program
  shift
  for program in "$@"; do
    if ! command -v "$program" >/dev/null; then
      skipped+=("$name ($program is missing: see tests/prepare.sh)")
      return 1
    fi
  done
}

test_in_browser() {
  local name="browser tests"
  has_programs "$name" node npm "$CHROMIUM" || return
  # The browser is Debian's: none is downloaded.
  export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
  test_with_node "$name" tests/browser
}

test_socket_io() {
  local name="Socket.IO tests" packages=tests/realtime/python_modules
  has_programs "$name" node npm python3 redis-server psql || return
  if ! PYTHONPATH=$packages python3 -c 'import socketio, aiohttp' 2>/dev/null &&
    ! logged "$work/pip" python3 -m pip install --quiet --target "$packages" -r tests/realtime/requirements.txt; then
    count "$name" 1
    return
  fi
  test_with_node "$name" tests/realtime
}

test_workspace() {
  local name="the workspace's tests" log=$work/workspace status
  if ! cargo nextest --version >/dev/null 2>&1; then
    logged "$log" cargo test --workspace --lib --bins --tests --examples --locked --no-fail-fast
    count_cargo_test "$name" $? "$log"
    return
  fi
  logged "$log" cargo nextest run --workspace --locked --profile ci
  status=$?
  local sum all ok left
  sum=$(plain "$log" | grep -E '^ *Summary \[' | tail -n 1)
  all=$(number ' tests? run' "$sum")
  ok=$(number ' passed' "$sum")
  left=$(number ' skipped' "$sum")
  count "$name" "$status" "${ok:-0}" $((${all:-0} - ${ok:-0})) "${left:-0}"
}

test_documentation() {
  local log=$work/documentation
  logged "$log" cargo test --workspace --doc --locked --no-fail-fast
  count_cargo_test "the documentation's examples" $? "$log"
}

if ! command -v cargo >/dev/null; then
  echo "cargo is missing: see https://rustup.rs"
  exit 1
fi
tests/prepare.sh
CHROMIUM=$(command -v "${CHROMIUM:-chromium}" || echo chromium)
export CHROMIUM
target=$(cargo metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')

build
export SUPPORT_SERVER_BIN=$target/debug/support-server SUPPORT_ECHO_BIN=$target/debug/support-echo
start_postgres
test_in_browser
test_socket_io
test_workspace
test_documentation
