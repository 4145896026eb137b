#!/bin/sh
# The checks of the API's description that tests/CMakeLists.txt runs, each of its own:
#   check.sh document|lint|examples|refusals|exchanges|metrics BIN_DIR WORK_DIR TOOLS_DIR
# WORK_DIR/openapi.json is what `document` got from the daemon; TOOLS_DIR is where
# daemon/packaging/install_dependencies.sh puts what Debian has no package for. Exit 77: left out.
set -eu
check=$1 bin=$2 work=$3 tools=$4
here=$(cd "$(dirname "$0")" && pwd)
document=$work/openapi.json
modules=$tools/node_modules

leave_out() {
  echo "LEFT OUT: $1; sh daemon/packaging/install_dependencies.sh tests installs it"
  exit 77
}

need_node() {
  command -v node >/dev/null 2>&1 || leave_out "node is not here"
  [ -f "$modules/ajv/package.json" ] || leave_out "the packages of tests/openapi/package.json are not here"
}

# Runs $1 with the address of a daemon that lives as long.
with_daemon() {
  directory=$(mktemp -d)
  mkfifo "$directory/out"
  "$bin/purserd" serve --listen 127.0.0.1:0 --data-dir "$directory/data" --quiet \
    --test-clock 2026-11-22T12:00:00Z >"$directory/out" 2>"$directory/err" &
  daemon=$!
  trap 'kill $daemon 2>/dev/null || :; wait $daemon || :; rm -r "$directory"' EXIT
  line=
  read -r line <"$directory/out" || { cat "$directory/err"; exit 1; }
  "$1" "http://${line##*http://}"
}

get_document() { curl -sS --fail -o "$document" "$1/openapi.json"; }

# A hold, a denial and what is no route, so that the counters count.
check_metrics() {
  for body in '{"purpose":"TRAINING","amounts":{"gpu_hours":"1"}' \
    '{"purpose":"TRAINING","amounts":{"gpu_hours":"999"}'; do
    curl -sS -o "$work/answer" "$1/v1/populations/default/reservations" \
      -H 'Content-Type: application/json' \
      -d "$body,\"labels\":{\"operator_family\":\"f\",\"capability\":\"c\"}}"
  done
  curl -sS -o "$work/answer" "$1/nothing"
  curl -sS --fail -o "$work/metrics.txt" "$1/metrics"
  "$promtool" check metrics <"$work/metrics.txt"
  echo "$(grep -c '^# TYPE' "$work/metrics.txt") metrics are as promtool wants them"
}

mkdir -p "$work"
case $check in
  document) with_daemon get_document ;;
  lint)
    need_node
    node "$modules/@stoplight/spectral-cli/dist/index.js" lint --ruleset "$here/ruleset.yaml" \
      --fail-severity=hint "$document"
    ;;
  examples) need_node; node "$here/run_examples.mjs" "$bin" "$document" "$modules" ;;
  refusals) need_node; node "$here/run_refusals.mjs" "$bin" "$document" "$modules" ;;
  exchanges)
    need_node
    node "$here/check_exchanges.mjs" "$document" "$work/exchanges.jsonl" "$modules"
    ;;
  metrics)
    promtool=$(command -v promtool || echo "$tools/promtool")
    [ -x "$promtool" ] || leave_out "promtool is not here"
    with_daemon check_metrics
    ;;
esac
