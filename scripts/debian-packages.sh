#!/usr/bin/env bash
# Install the named Debian packages by apt-get, as root or through sudo.
set -euo pipefail

packages=$*
command -v apt-get >/dev/null || {
  echo "this is no Debian: install what corresponds to: $packages" >&2
  exit 1
}
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "run as root: apt-get install $packages" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "installing Debian packages: $packages"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update --quiet --quiet
"${as_root[@]}" apt-get install --quiet --quiet --yes --no-install-recommends "$@"
