#!/bin/sh
# Set up the virtual environment: setup.sh PYTHON VENV EXTRA. Everything is pinned with hashes in constraints.txt.
set -eu
python=$1 venv=$2 extra=$3
started=$(date +%s)
echo "setting up $venv ($extra)"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
uv=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' constraints.txt)
[ -x "$venv/bin/uv" ] || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv"
VIRTUAL_ENV=$PWD/$venv "$venv/bin/uv" pip install --quiet --compile-bytecode \
    --constraints constraints.txt --build-constraints constraints.txt --editable ".[$extra]"
echo "installed in $(($(date +%s) - started)) s"
