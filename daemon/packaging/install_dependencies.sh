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
  libgoogle-perftools-dev
  libgtest-dev libgmock-dev libbenchmark-dev tzdata ca-certificates'
# ledger and hledger are the independent auditors of the books.
test_packages='ledger hledger python3 curl git
  clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev'
# Never needed to build or test: without them these yardsticks are left out.
benchmark_packages='postgresql-15 libpq-dev redis-server libhiredis-dev'

case "${1-}" in
  '') ;;
  benchmarks) packages="$packages $benchmark_packages" ;;
  tests) packages="$packages $test_packages" ;;
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
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  echo "install_dependencies.sh: neither root nor sudo here; please install as root:" >&2
  echo "  apt-get install --no-install-recommends$missing" >&2
  exit 1
fi

echo "installing:$missing"
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
