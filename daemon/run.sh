#!/bin/sh
# From a bare Debian 12 to a running server: installs what is missing, builds, starts `purserd serve`.
#
#   sh daemon/run.sh [--listen ADDRESS] [--data-dir DIR] [--config FILE] ...
#
# The arguments go to `purserd serve` as they are, which says what to try next. Without --data-dir
# and --config the books are kept in ${XDG_STATE_HOME:-$HOME/.local/state}/purser. A second start
# builds nothing and is quick.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

sh "$root/daemon/packaging/install_dependencies.sh"
if [ ! -f "$root/build/build.ninja" ]; then
  (cd "$root" && cmake --preset release)
fi
ninja -C "$root/build" purserd purser

exec "$root/build/bin/purserd" serve --greet "$@"
