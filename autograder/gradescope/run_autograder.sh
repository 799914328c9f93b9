#!/usr/bin/env bash
# Gradescope runs this for every submission; it leaves /autograder/results/results.json behind.
set -uo pipefail
export AUTOGRADER_ROOT="${AUTOGRADER_ROOT:-/autograder}"
export PYTHONPATH="$AUTOGRADER_ROOT/source/course" PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8
export OMP_NUM_THREADS=1
cd "$AUTOGRADER_ROOT" || exit 1
# -P: what a student uploaded is never imported, wherever this was started.
exec "${AUTOGRADER_PYTHON:-$AUTOGRADER_ROOT/venv/bin/python}" -P -m autograder.gradescope.run
