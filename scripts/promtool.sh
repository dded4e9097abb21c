#!/usr/bin/env bash
# Put promtool, which checks the format of metrics in the tests, at the path given: the one that is
# on the path already, else Debian's. Only the tool is taken out of its package: installing it would
# start a Prometheus server.
set -euo pipefail

target=$1
fail() {
  echo "promtool: $*" >&2
  exit 1
}

[ -x "$target" ] && exit 0
if found=$(command -v promtool); then
  ln -sf "$found" "$target"
  exit 0
fi
command -v apt-get >/dev/null ||
  fail "this is no Debian: put promtool of any Prometheus 2.42 or newer on the path"

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(realpath -m "$target")
cd "$work"
echo "promtool: taking it out of Debian's package prometheus"
# A machine whose package lists are missing or old gets new ones.
apt-get download --quiet --quiet prometheus 2>/dev/null || {
  "${as_root[@]}" apt-get update --quiet --quiet
  apt-get download --quiet --quiet prometheus
}
dpkg --extract prometheus_*.deb .
install -m 755 usr/bin/promtool "$target"
