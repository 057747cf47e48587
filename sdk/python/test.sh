#!/bin/sh
# Tests the package as its users get it: builds the wheel, installs it beside the
# test tools into .venv, and runs everything there. Needs python3 of 3.10 or later,
# a Postgres server that the program finds, and go unless HUMANDISPATCH_BIN names
# the built program. Arguments go to pytest.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
	echo "found $("$python" --version); expected Python 3.10 or later: set PYTHON to one" >&2
	exit 1
}

make_venv() {
	# Debian keeps ensurepip, which venv needs, in a package of its own.
	"$python" -m venv .venv 2>/dev/null && return
	rm -rf .venv
	if command -v uv >/dev/null; then
		uv venv --quiet --seed --python "$python" .venv
	elif "$python" -m virtualenv --version >/dev/null 2>&1; then
		"$python" -m virtualenv --quiet .venv
	elif "$python" -m pip --version >/dev/null 2>&1; then
		"$python" -m venv --without-pip .venv
		"$python" -m pip --python .venv/bin/python install --quiet pip
	elif command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
		apt-get install --yes --quiet python3-venv >&2
		"$python" -m venv .venv
	else
		echo "$python cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv)" >&2
		exit 1
	fi
}

[ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || make_venv
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
pip install -r tests/requirements.txt
rm -rf .venv/dist
.venv/bin/python -m build --wheel --no-isolation --outdir .venv/dist . >.venv/build.log 2>&1 || { cat .venv/build.log >&2; exit 1; }
pip install .venv/dist/*.whl
pip install --no-deps --force-reinstall .venv/dist/*.whl

.venv/bin/python -m mypy
.venv/bin/python -m pytest "$@"
