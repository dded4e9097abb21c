#!/usr/bin/env bash
# Make the project's environment: .venv with the locked development dependencies and the project
# itself. Needs Python 3.11 or newer; the Makefile calls it when the lock has changed.
#
#   PYTHON   the interpreter to use (default: python3.11, else python3)
#   VENV     where the environment goes (default: .venv)
set -euo pipefail
cd "$(dirname "$0")/.."

venv=${VENV:-.venv}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

fail() {
  echo "setup: $*" >&2
  exit 1
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.11 python3 python3.12 python3.13; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "there is no Python 3.11 or newer on the path; install one or set PYTHON=…"
}

python=$(find_python)
echo "setup: environment in $venv with $("$python" -V)"

# Debian packages the module that fills an environment with pip apart from Python.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  scripts/debian-packages.sh "python$version-venv" ||
    fail "Python's venv module is missing; install the package python$version-venv and run again"
fi

# An environment of another interpreter, or a half-made one, is made anew.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi

"$venv/bin/python" -m pip install --quiet --require-hashes --requirement requirements/dev.txt
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .

# Only tests need these, so the rest of the environment is of use without them.
command -v chromium >/dev/null || scripts/debian-packages.sh chromium ||
  echo "setup: without chromium the tests of the web UI will fail" >&2
scripts/promtool.sh "$venv/bin/promtool" || echo "setup: without promtool its tests will fail" >&2
echo "setup: ready"
