#!/bin/sh
# Bring .venv to the exact versions of requirements/<set>.txt, doing nothing when it is there already.
# Called by the Makefile from the root of the clone: sh requirements/install.sh base|test|dev
set -eu

set_name=$1
python=${PYTHON:-python3}
wanted="requirements/$set_name.txt"
stamp=".venv/.installed-$set_name.txt"
project_stamp=".venv/.installed-project.txt"

# Two makes at once in one clone take turns, where the system can do that.
if command -v flock >/dev/null 2>&1; then
    exec 9<requirements/install.sh
    flock 9
fi

fail() {
    printf 'holdfast: %s\n' "$1" >&2
    exit 1
}

# A newer set contains the older ones: dev ⊃ test ⊃ base, compiled so that they agree on versions.
satisfied() {
    for larger in base test dev; do
        case "$set_name/$larger" in test/base | dev/base | dev/test) continue ;; esac
        if cmp -s "requirements/$larger.txt" ".venv/.installed-$larger.txt"; then return 0; fi
    done
    return 1
}

if ! { [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys' >/dev/null 2>&1; }; then
    command -v "$python" >/dev/null 2>&1 || fail "Python 3.11 or newer is needed; '$python' was not found (set PYTHON=/path/to/python3)."
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or newer is needed; '$python' is $("$python" -V 2>&1). Set PYTHON=/path/to/a newer python3."
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv."
    echo "Making .venv with $("$python" -V)" >&2
    "$python" -m venv .venv
fi
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "The .venv here was made with $(.venv/bin/python -V); Holdfast needs 3.11 or newer. Delete .venv and run make again."

if ! satisfied; then
    echo "Installing requirements/$set_name.txt into .venv" >&2
    rm -f .venv/.installed-base.txt .venv/.installed-test.txt .venv/.installed-dev.txt
    .venv/bin/python -m pip install --quiet --require-hashes -r "$wanted"
    cp "$wanted" "$stamp"
fi

state="$(pwd) $(cksum < pyproject.toml)"
if [ ! -x .venv/bin/holdfast ] || [ "$(cat "$project_stamp" 2>/dev/null)" != "$state" ]; then
    .venv/bin/python -m pip install --quiet --no-deps --no-index --no-build-isolation --editable .
    printf '%s\n' "$state" > "$project_stamp"
fi
