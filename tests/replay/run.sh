#!/bin/sh
# Replays real jobs, and what real requests and runs cost, through purserd and by plain arithmetic;
# both must find the same bytes. And real days of a leaderboard of models, under a budget.
#
#   sh tests/replay/run.sh [gpu_jobs|philly_jobs|llm_requests|eval_runs] [--limit N]    or all
#   sh tests/replay/run.sh model_population [--budget N]
#
# PURSER_DATA_DIR   folder of the traces; default ../shared/data beside the project
# PURSERD           the daemon; default build/bin/purserd
# PURSER_REPLAY_OUT folder that keeps the results; default a temporary one
#
# Exit code 77 when a trace is not there, which ctest counts as skipped.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
folder=${PURSER_DATA_DIR:-$top/../shared/data}
purserd=${PURSERD:-$top/build/bin/purserd}

names='gpu_jobs philly_jobs model_population llm_requests eval_runs'
case "${1-}" in
  gpu_jobs | philly_jobs | model_population | llm_requests | eval_runs)
    names=$1
    shift
    ;;
esac
limit=
budget=
if [ $# -eq 2 ] && [ "$1" = --limit ] && [ "$names" != model_population ]; then
  limit=$2
elif [ $# -eq 2 ] && [ "$1" = --budget ] && [ "$names" = model_population ]; then
  budget=$2
elif [ $# -ne 0 ]; then
  echo "usage: run.sh [gpu_jobs|philly_jobs|llm_requests|eval_runs] [--limit N]" >&2
  echo "    or run.sh model_population [--budget N]" >&2
  exit 2
fi

if [ ! -x "$purserd" ]; then
  echo "replay: there is no daemon $purserd; build it first (PURSERD names another)" >&2
  exit 1
fi

if [ -n "${PURSER_REPLAY_OUT:-}" ]; then
  top_out=$PURSER_REPLAY_OUT
else
  top_out=$(mktemp -d)
  trap 'rm -rf "$top_out"' EXIT
  trap 'exit 1' HUP INT TERM
fi

skipped=
for name in $names; do
  prices=
  independent=report.awk
  results='granted.csv charged.csv summary.txt'
  case "$name" in
    gpu_jobs) data=$folder/gpu_jobs.csv ;;
    philly_jobs) data=$folder/philly_jobs_2017-10.csv ;;
    model_population) data=$folder/model_population_history.csv ;;
    llm_requests)
      data=$folder/llm_requests.csv
      prices=$folder/llm_prices.csv
      ;;
    eval_runs) data=$folder/eval_runs.csv ;;
  esac
  case "$name" in
    llm_requests | eval_runs)
      independent=money.awk
      results='lines.csv costs.csv summary.txt'
      ;;
  esac
  missing=
  for file in "$data" ${prices:+"$prices"}; do
    [ -r "$file" ] || missing=$file
  done
  if [ -n "$missing" ]; then
    echo "replay of $name skipped: there is no $missing (PURSER_DATA_DIR names its folder)"
    skipped=yes
    continue
  fi
  echo "== $data"
  out=$top_out/$name
  mkdir -p "$out/replay" "$out/independent"
  if [ "$name" = model_population ]; then
    python3 -B "$here/$name.py" --purserd "$purserd" --data "$data" --out "$out/replay" ${budget:+--budget "$budget"}
    continue
  fi
  awk -v out="$out/independent" -v limit="$limit" -f "$here/$independent" -f "$here/$name.awk" \
    ${prices:+"$prices"} "$data" >/dev/null
  python3 -B "$here/$name.py" --purserd "$purserd" --data "$data" --out "$out/replay" \
    ${prices:+--prices "$prices"} ${limit:+--limit "$limit"}
  for file in $results; do
    if ! cmp "$out/independent/$file" "$out/replay/$file"; then
      diff "$out/independent/$file" "$out/replay/$file" | head -n 10
      echo "replay of $name: $file is not what the independent calculation finds" >&2
      exit 1
    fi
  done
  echo "the independent calculation agrees, byte for byte"
done
[ -z "$skipped" ] || exit 77
