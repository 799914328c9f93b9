#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder's image is built.
set -euo pipefail
ROOT="${AUTOGRADER_ROOT:-/autograder}"
SOURCE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
VENV="$ROOT/venv"

find_python() {
  local name
  for name in "${AUTOGRADER_PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    if [ -n "$name" ] && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

if ! PYTHON="$(find_python)"; then
  apt-get update
  for version in 3 3.13 3.12 3.11; do  # the base image's own first; it may be too old
    apt-get install -y --no-install-recommends "python$version" "python$version-venv" || continue
    PYTHON="$(find_python)" && break
  done
fi
if [ -z "${PYTHON:-}" ]; then
  echo "setup.sh: Python 3.11 or newer is needed; choose a newer base image (Ubuntu 24.04) on Gradescope" >&2
  exit 1
fi

"$PYTHON" -m venv "$VENV"
PIP=("$VENV/bin/python" -m pip install --quiet --disable-pip-version-check)
# The CPU build: a tenth of the size. Its own index has everything that it depends on.
"${PIP[@]}" --index-url https://download.pytorch.org/whl/cpu -r "$SOURCE/requirements-torch.txt" ||
  "${PIP[@]}" -r "$SOURCE/requirements-torch.txt"
if [ -d "$SOURCE/wheelhouse" ]; then
  "${PIP[@]}" --no-index --find-links "$SOURCE/wheelhouse" -r "$SOURCE/requirements.txt" || {
    echo "setup.sh: the wheelhouse is not complete; the rest comes from the package index" >&2
    "${PIP[@]}" --find-links "$SOURCE/wheelhouse" -r "$SOURCE/requirements.txt"
  }
else
  "${PIP[@]}" -r "$SOURCE/requirements.txt"
fi

chmod 700 "$SOURCE/course/solutions" "$SOURCE/secret"
PYTHONPATH="$SOURCE/course" "$VENV/bin/python" -c 'import torch, autograder.gradescope.run'
echo "setup.sh: ready, $("$VENV/bin/python" --version) in $VENV"
