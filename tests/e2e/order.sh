#!/bin/bash
# SPDX-License-Identifier: ISC
# The core's order of builds and its ranges against the second implementation (tests/vectors/
# reference.py) on every string of ../shared/data/versions (or $MUSTER_DATA). The core is built as a
# shared object, so that Python can ask it a few million questions. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
data=${MUSTER_DATA:-../shared/data}/versions
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d /tmp/muster-order.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT

if [ ! -r "$data/strings-with-scheme.tsv" ]; then
    echo 'ok 1 - core and reference order alike # SKIP no versions/ here (set MUSTER_DATA)'
    echo 1..1
    exit 0
fi
"${CC:-cc}" -std=c99 -O2 -fPIC -shared -Icore/include core/src/order.c core/src/cbor.c \
    -o "$work/order.so" || exit 1
"$python" tests/e2e/order_check.py "$work/order.so" "$data"
