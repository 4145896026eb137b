#!/bin/sh
# Plants each bug of bugs.txt in a copy of the tree, builds the tests named with it, and must see red.
#
#   sh tests/planted/run.sh            every bug
#   sh tests/planted/run.sh NAME ...   these
#
# The copy and its build stand in $PURSER_PLANTED_DIR, else in a new temporary directory, which is removed.
# Ends with 1 if a bug survives, does not apply or does not build, or if a test is red without any bug.
set -eu
cd "$(dirname "$0")/../.."
if [ -n "${PURSER_PLANTED_DIR:-}" ]; then
  exec python3 tests/planted/planted.py "$PURSER_PLANTED_DIR" "$@"
fi
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
python3 tests/planted/planted.py "$directory" "$@"
