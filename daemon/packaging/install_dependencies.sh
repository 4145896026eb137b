#!/bin/sh
# Installs what purser needs on Debian 12, and only what is missing; as root or with sudo.
#
#   sh daemon/packaging/install_dependencies.sh          what building and running need
#   sh daemon/packaging/install_dependencies.sh tests    also what the tests and checks need
#   sh daemon/packaging/install_dependencies.sh benchmarks    also what the benchmarks measure against
#
# Touches neither the network nor the system when nothing is missing.
set -eu

packages='build-essential cmake ninja-build ccache pkg-config
  libabsl-dev librocksdb-dev libprotobuf-dev protobuf-compiler libcivetweb-dev
  libsimdjson-dev libtomlplusplus-dev libcli11-dev libssl-dev libcurl4-openssl-dev
  libcsv-dev libjemalloc-dev coinor-libclp-dev
  libgtest-dev libgmock-dev libbenchmark-dev tzdata ca-certificates'
# ledger and hledger are the independent auditors of the books.
test_packages='ledger hledger python3 curl git
  clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev'
# Never needed to build or test: without them these yardsticks are left out.
benchmark_packages='postgresql-15 libpq-dev redis-server libhiredis-dev'

case "${1-}" in
  '') ;;
  benchmarks) packages="$packages $benchmark_packages" ;;
  tests)
    packages="$packages $test_packages"
    # Any node of at least 18 with its npm will do, wherever it comes from.
    if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
      packages="$packages nodejs npm"
    fi
    ;;
  *)
    echo "usage: install_dependencies.sh [tests|benchmarks]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  echo "install_dependencies.sh: this is not Debian; please install the equivalents of:" $packages >&2
  exit 1
fi

missing=
# One query for all of them; a package that dpkg never heard of makes it fail, which is no error here.
# The tests look for a blank on either side, so that libssl-dev is not found in another name.
installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' $packages 2>/dev/null || :)"
for package in $packages; do
  case "$installed" in
    *" installed:$package "*) ;;
    *) missing="$missing $package" ;;
  esac
done

as_root=
if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null 2>&1; then
  as_root=sudo
elif [ "$(id -u)" -ne 0 ] && [ -n "$missing" ]; then
  echo "install_dependencies.sh: neither root nor sudo here; please install as root:" >&2
  echo "  apt-get install --no-install-recommends$missing" >&2
  exit 1
fi

if [ -n "$missing" ]; then
  echo "installing:$missing"
  $as_root apt-get update -q
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi
[ "${1-}" = tests ] || exit 0

# Not on the system, but in build/tools: what tests/openapi needs of npm, and of the package
# `prometheus` its promtool alone; installed, the package would start a server.
top=$(cd "$(dirname "$0")/../.." && pwd)
tools=$top/build/tools
lock=$top/tests/openapi/package-lock.json
if ! cmp -s "$lock" "$tools/installed-lock.json"; then
  echo "installing: the packages of tests/openapi/package-lock.json"
  mkdir -p "$tools"
  cp "$top/tests/openapi/package.json" "$lock" "$tools"
  (cd "$tools" && npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error)
  cp "$lock" "$tools/installed-lock.json"
fi
if ! command -v promtool >/dev/null 2>&1 && [ ! -x "$tools/promtool" ]; then
  echo "installing: promtool"
  scratch=$(mktemp -d)
  download='apt-get download -q -o APT::Sandbox::User=root prometheus'
  (
    cd "$scratch"
    $download || { $as_root apt-get update -q; $download; }
    dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
    mkdir -p "$tools"
    mv usr/bin/promtool "$tools/promtool"
  )
  rm -r "$scratch"
fi
