#!/bin/sh
# From a bare Debian 12 to a running server: installs what is missing, builds, starts `purserd serve`.
#
#   sh daemon/run.sh [--listen ADDRESS] [--data-dir DIR] [--config FILE] ...
#
# The arguments go to `purserd serve` as they are. Without --data-dir and --config the books are kept
# in ${XDG_STATE_HOME:-$HOME/.local/state}/purser. A second start builds nothing and is quick.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

sh "$root/daemon/packaging/install_dependencies.sh"
if [ ! -f "$root/build/build.ninja" ]; then
  (cd "$root" && cmake --preset release)
fi
ninja -C "$root/build" purserd purser

address=127.0.0.1:7480
has_data_dir=no
previous=
for argument in "$@"; do
  case "$argument" in
    --listen=*) address=${argument#--listen=} ;;
    --data-dir | --data-dir=* | --config | --config=*) has_data_dir=yes ;;
    *) [ "$previous" != --listen ] || address=$argument ;;
  esac
  previous=$argument
done
if [ "$has_data_dir" = no ]; then
  data_dir=${XDG_STATE_HOME:-$HOME/.local/state}/purser
  mkdir -p "$data_dir"
  set -- --data-dir "$data_dir" "$@"
fi

cat <<END

purserd starts on http://$address. To try next, from another terminal in $root:

  build/bin/purser status
  build/bin/purser journal tail
  curl -s http://$address/v1/populations/default/resources

Stop it with Ctrl-C.

END
exec "$root/build/bin/purserd" serve "$@"
