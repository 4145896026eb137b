#!/bin/sh
# Installs what is missing, builds everything and runs the tests, from a bare Debian 12 on.
#
#   sh tests/run.sh         every test
#   sh tests/run.sh fast    those labelled fast
#   sh tests/run.sh fuzz    only the fuzzers, a minute each
#   sh tests/run.sh tidy    only clang-format over all files and clang-tidy over the changed ones
#
# Every test includes the fuzzers where there is clang. With CI=true the checks of `tidy` follow. Changed
# means: since $PURSER_BASE, else since this branch left origin/main, else in the last commit; and whatever
# is not committed.
set -eu

started=$(date +%s)
tell_time() { echo "tests/run.sh: exit $1 after $(($(date +%s) - started)) seconds"; }
trap 'tell_time $?' EXIT
cd "$(dirname "$0")/.."

# The command of each file, where `build` has those of batches of files.
write_commands() {
  cmake --preset release -B build/commands -DCMAKE_UNITY_BUILD=OFF >/dev/null
  # The generated messages are those of the build.
  sed -i "s|/build/commands/proto|/build/proto|g" build/commands/compile_commands.json
}

# The .cc files to check, one a line; a changed header stands for the .cc file beside it.
changed_sources() {
  base=${PURSER_BASE:-}
  if [ -z "$base" ]; then
    base=$(git merge-base HEAD origin/main 2>/dev/null || :)
    if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
      base=$(git rev-parse --verify --quiet HEAD~1 || git hash-object -t tree /dev/null)
    fi
  fi
  { git diff --name-only --diff-filter=d "$base"; git ls-files --others --exclude-standard; } |
    sed -n -e 's/\.h$/.cc/' -e '/\.cc$/p' | sort -u |
    while read -r file; do
      # Only what the build knows: no compile command, no check.
      if [ -f "$file" ] && grep -qF "/$file\"" build/commands/compile_commands.json; then echo "$file"; fi
    done
}

check_format() {
  echo "== clang-format"
  unformatted=$(find ledger reservations lifecycle config api daemon tests -name '*.cc' -o -name '*.h' |
    sort | while read -r file; do
      clang-format-14 --dry-run -Werror "$file" 2>/dev/null || echo "  $file"
    done)
  [ -n "$unformatted" ] || return 0
  printf 'not as .clang-format says (clang-format-14 -i FILE):\n%s\n' "$unformatted"
  return 1
}

check_tidy() {
  if ! git rev-parse --verify --quiet HEAD >/dev/null 2>&1; then
    echo "== clang-tidy: left out, no git history here (cmake --workflow --preset tidy checks all)"
    return 0
  fi
  write_commands
  sources=$(changed_sources)
  echo "== clang-tidy over $(printf '%s' "$sources" | grep -c .) changed files"
  [ -n "$sources" ] || return 0
  # The static analyzer is two thirds of the time; the preset `tidy` runs it. The build's flags are
  # those of g++, some of which clang does not know.
  # In CI what would begin after 34 minutes is left out, and said: CI ends at 40.
  latest=0
  if [ "${CI-}" = true ]; then latest=$((started + 34 * 60)); fi
  printf '%s\n' "$sources" | UNTIL=$latest xargs -P "$(nproc)" -n 1 sh -c '
    if [ "$UNTIL" -ne 0 ] && [ "$(date +%s)" -ge "$UNTIL" ]; then
      echo "left out for want of time: $1"
      exit 0
    fi
    exec clang-tidy-14 --quiet -p build/commands --checks="-clang-analyzer-*" \
      --extra-arg=-Wno-unknown-warning-option "$1" 2>/dev/null' sh
}

build() {
  sh daemon/packaging/install_dependencies.sh tests
  if [ ! -f build/build.ninja ]; then cmake --preset release; fi
  echo "== build"
  ninja -C build
}

run_tests() {
  echo "== tests"
  ctest --test-dir build --output-on-failure --no-tests=error -j "$(nproc)" "$@"
}

# In a build of their own: they need clang, and little of the rest.
run_fuzzers() {
  if ! command -v clang++-14 >/dev/null 2>&1; then
    echo "== fuzzers: left out, there is no clang++-14 here"
    return 0
  fi
  echo "== fuzzers"
  if [ ! -f build/fuzz/build.ninja ]; then cmake --preset fuzz; fi
  ninja -C build/fuzz fuzzers
  ctest --test-dir build/fuzz --output-on-failure --no-tests=error -j "$(nproc)" -L fuzz
}

case "${1-}" in
  '')
    build
    run_tests
    run_fuzzers
    if [ "${CI-}" = true ]; then
      check_format
      check_tidy
    fi
    ;;
  fast)
    build
    run_tests -L fast
    ;;
  fuzz)
    sh daemon/packaging/install_dependencies.sh tests
    run_fuzzers
    ;;
  tidy)
    build
    check_format
    check_tidy
    ;;
  *)
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
