#!/bin/sh
# Replays gpu_jobs.csv through purserd and by plain arithmetic; both must find the same bytes.
#
#   sh tests/replay/run.sh [--limit N]
#
# PURSER_DATA_DIR   folder of gpu_jobs.csv; default ../shared/data beside the project
# PURSERD           the daemon; default build/bin/purserd
# PURSER_REPLAY_OUT folder that keeps the results; default a temporary one
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
data=${PURSER_DATA_DIR:-$top/../shared/data}/gpu_jobs.csv
purserd=${PURSERD:-$top/build/bin/purserd}

limit=
if [ $# -eq 2 ] && [ "$1" = --limit ]; then
  limit=$2
elif [ $# -ne 0 ]; then
  echo "usage: run.sh [--limit N]" >&2
  exit 2
fi

if [ ! -r "$data" ]; then
  echo "replay skipped: there is no $data (PURSER_DATA_DIR names its folder)"
  exit 0
fi
if [ ! -x "$purserd" ]; then
  echo "replay: there is no daemon $purserd; build it first (PURSERD names another)" >&2
  exit 1
fi

if [ -n "${PURSER_REPLAY_OUT:-}" ]; then
  out=$PURSER_REPLAY_OUT
else
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
  trap 'exit 1' HUP INT TERM
fi
mkdir -p "$out/replay" "$out/independent"

awk -v out="$out/independent" -v limit="$limit" -f "$here/independent.awk" "$data" >/dev/null
python3 "$here/replay.py" --purserd "$purserd" --data "$data" --out "$out/replay" \
  ${limit:+--limit "$limit"}

for file in granted.csv charged.csv summary.txt; do
  if ! cmp "$out/independent/$file" "$out/replay/$file"; then
    diff "$out/independent/$file" "$out/replay/$file" | head -n 10
    echo "replay: $file is not what the independent calculation finds" >&2
    exit 1
  fi
done
echo "the independent calculation agrees, byte for byte"
