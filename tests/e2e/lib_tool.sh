# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the tests of `muster` share. Source it in a directory of the test's own, where it leaves the
# output of the last command in out and err; end with `tool_end`.

number=0
failed=0
muster=${MUSTER_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/bin}/muster

unset MUSTER_PASSPHRASE SOURCE_DATE_EPOCH
if [ ! -x "$muster" ]; then
    echo "Bail out! $muster is not there; run make first"
    exit 2
fi

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=$((failed + 1))
        sed 's/^/# /' out err 2>/dev/null | head -40
    fi
}

skip() { # NAME WHY
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

run() { # COMMAND...: leaves its output in out and err and its exit status in $status
    "$@" >out 2>err </dev/null
    status=$?
}

# NAME, wanted exit status, wanted words (a regular expression; "" for none), COMMAND...
expect() {
    local name=$1 want=$2 words=$3 good=1
    shift 3
    run "$@"
    if [ "$status" = "$want" ]; then good=0; else echo "# exit status $status, wanted $want" >>err; fi
    if [ -n "$words" ] && ! cat out err | grep -Eq -- "$words"; then
        echo "# nothing matches /$words/" >>err
        good=1
    fi
    result $good "$name"
}

holds() { # NAME COMMAND...: passes if the command succeeds
    local name=$1
    shift
    run "$@"
    result "$status" "$name"
}

fails() { # NAME COMMAND...
    local name=$1
    shift
    run "$@"
    if [ "$status" != 0 ]; then result 0 "$name"; else result 1 "$name"; fi
}

# One source: FILE ID VENDOR/MODEL EVENTS [MUSTER members]
source_file() {
    mkdir -p "$(dirname "$1")"
    cat >"$1" <<END
{ "id": "$2", "modified": "2026-01-01T00:00:00Z",
  "affected": [ { "package": { "ecosystem": "Muster", "name": "$3" },
                  "ranges": [ { "type": "ECOSYSTEM", "events": [ $4 ] } ] } ],
  "database_specific": { "muster": { ${5:-} } } }
END
}

same() { # NAME GOT WANTED
    echo "got $2, wanted $3" >out
    : >err
    if [ "$2" = "$3" ]; then result 0 "$1"; else result 1 "$1"; fi
}

tool_end() {
    echo "1..$number"
    [ $failed = 0 ]
}
