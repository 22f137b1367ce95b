#!/bin/sh
# Says in one sentence what this machine lacks to run the checks or the demonstration, and fails; silent if nothing is
# missing. Called by make: ready.sh PYTHON
python=$1
cd "$(dirname "$0")/../.." || exit 2

works() { "$1" --version >/dev/null 2>&1; }

packages=
works git || packages=" git"
if ! works "$python"; then
    packages="$packages python3 python3-venv"
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    echo "$python is $("$python" --version 2>&1), which is too old: install Python 3.11 or newer and name it, as in: make test PYTHON=python3.12" >&2
    exit 2
else
    packages="$packages$("$python" -B -m tests.gates.pythons)" || exit 2
fi
if [ -n "$packages" ]; then
    echo "This needs more than the machine has. On Debian or Ubuntu: sudo apt install$packages" >&2
    exit 2
fi
