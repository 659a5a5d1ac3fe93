#!/bin/sh
# Makes .venv with the host tools and the extra packages of "test" or "dev", which has all of "test"; does nothing when
# it is current.
set -eu

extra=$1
venv=.venv
stamp=$venv/corten-$extra

python=${PYTHON:-python3}

say() { echo "corten: $*" >&2; }
fail() { say "$1"; echo "  fix: $2" >&2; exit 2; }

for made in "$stamp" $venv/corten-dev; do
    if [ -f "$made" ] && cmp -s pyproject.toml "$made"; then
        exit 0
    fi
done

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_debian() {
    command -v apt-get >/dev/null || fail "this machine lacks $*" "install it with the system's package manager"
    say "installing $*"
    as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get -q update && apt-get -q install -y --no-install-recommends $*" \
        >/dev/null || fail "apt could not install $*" "apt-get update && apt-get install $*"
}

command -v "$python" >/dev/null || install_debian python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old" "install Python 3.11 or later and set PYTHON to it"
"$python" -c 'import ensurepip, venv' 2>/dev/null || install_debian python3-venv

if [ ! -x $venv/bin/pip ]; then
    say "making $venv"
    "$python" -m venv $venv
fi
say "installing the host tools and their packages into $venv (first time: about a minute)"
$venv/bin/python -m pip install -q --disable-pip-version-check -e ".[$extra]" &
installer=$!
trap 'kill $installer 2>/dev/null; exit 130' INT TERM
while [ -t 2 ] && kill -0 $installer 2>/dev/null; do
    printf . >&2
    sleep 1
done
wait $installer ||
    fail "pip could not install the packages named in pyproject.toml" "check the network and pip's configuration, then repeat"
cp pyproject.toml "$stamp"
