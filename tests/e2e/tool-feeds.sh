#!/bin/bash
# SPDX-License-Identifier: ISC
# `muster import` on whole feeds of real records ($MUSTER_DATA, or ../shared/data; skipped where it is
# absent), judged by a second reading of the same records (feeds_oracle.py), and on thousands of damaged
# copies of them (feeds_mutants.py; by the build with sanitizers, if there is one). Prints the table of
# answers. TAP.
#
#   MUTANTS   damaged records of each feed (default 1500)
#   SEED      of the damage (default 6878)
set -u
here=$(cd "$(dirname "$0")" && pwd)
bin=${MUSTER_BIN:-$here/../../build/bin}
muster=$bin/muster
asan=${bin%/bin}-asan/bin/muster
python=${PYTHON:-/usr/bin/python3}
data=${MUSTER_DATA:-$here/../../../shared/data}
work=$(mktemp -d /tmp/muster-feeds.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
unset MUSTER_PASSPHRASE SOURCE_DATE_EPOCH
number=0
failed=0
declare -A records tables

if [ ! -d "$data/cve5" ]; then
    echo 'ok 1 - feeds # SKIP no feeds here (set MUSTER_DATA)'
    echo 1..1
    exit 0
fi
[ -x "$asan" ] || asan=$muster

result() { # STATUS NAME [FILE with what is wrong]
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=$((failed + 1))
        [ $# -lt 3 ] || sed 's/^/# /' "$3" | cut -c1-400 | head -20
    fi
}

# The files of a feed, in $files.
files_of() { # FEED
    case $1 in
    cve5) files=("$data"/cve5/*.json) ;;
    cve5-retyped) files=("$data"/cve5-retyped/*.json) ;;
    nvd2) files=("$data"/nvd2/*.json "$data"/nvd2-pages/*.json) ;;
    nvd2-retyped) files=("$data"/nvd2-retyped/*.json) ;;
    csaf) files=("$data"/csaf/*.json) ;;
    csaf-oasis) files=("$data"/csaf-oasis/*.json) ;;
    kev) files=("$data"/kev/known_exploited_vulnerabilities.json) ;;
    osv) files=("$data"/osv/*.json) ;;
    esac
}

# Imports a feed into a folder of its own and has it judged.
judge() { # NAME
    local name=$1 feed=${1%-*} first=$((number + 1)) status
    files_of "$name"
    "$muster" import "$feed" -o "$work/$name" "${files[@]}" >"$work/$name.out" 2>"$work/$name.err"
    "$python" "$here/feeds_oracle.py" $first "$name" "$work/$name.out" "$work/$name" \
        "${files[@]}" >"$work/tap" 2>"$work/tap.err"
    status=$?
    grep -v '^# files' "$work/tap"
    number=$((number + $(grep -c '^\(not \)\?ok' "$work/tap")))
    failed=$((failed + $(grep -c '^not ok' "$work/tap")))
    if [ $status -ge 2 ] || [ "$number" -lt $first ]; then
        result 1 "$name is judged" "$work/tap.err"
    fi
    records[$name]=$(tail -n 1 "$work/$name.out")
    tables[$name]=$(sed -n 's/^# files //p' "$work/tap")
}

# The same once more must change nothing.
again() { # NAME
    files_of "$1"
    cp -r "$work/$1" "$work/before"
    "$muster" import "${1%-*}" -o "$work/$1" "${files[@]}" >"$work/out" 2>&1
    diff -r "$work/before" "$work/$1" >"$work/out" 2>&1
    result $? "$1: a second import changes nothing" "$work/out"
    rm -rf "$work/before"
}

# Damaged records: never a crash, never an answer wider than the clean record's.
damage() { # FEED
    local feed=$1 status
    files_of "$feed"
    "$python" "$here/feeds_mutants.py" make "$feed" "${SEED:-6878}" "${MUTANTS:-1500}" \
        "$work/$feed.jsonl" "$work/$feed.map" "${files[@]}"
    "$asan" import "$feed" -o "$work/$feed-broken" "$work/$feed.jsonl" >"$work/out" 2>"$work/err"
    status=$?
    [ $status -le 1 ] && tail -n 1 "$work/out" | grep -q '^records ' &&
        ! grep -q 'Sanitizer\|runtime error' "$work/err"
    result $? "$feed: damaged records are read to the end" "$work/err"
    "$python" "$here/feeds_mutants.py" check "$feed" "$work/$feed.map" "$work/$feed" \
        "$work/$feed-broken" >"$work/out" 2>&1
    result $? "$feed: damage never makes an answer wider" "$work/out"
}

# A file cut short: refused with its name and line, and what was whole before it is kept.
cut_short() { # FEED FILE
    local size at
    size=$(stat -c %s "$2")
    for at in 1 2 3 5 7 9; do
        head -c $((size * at / 10)) "$2" >"$work/short.json"
        "$asan" import "$1" "$work/short.json" >"$work/out" 2>"$work/err"
        if [ $? != 1 ] || ! grep -q "short.json:[0-9]*: error" "$work/err" ||
            grep -q 'Sanitizer\|runtime error' "$work/err"; then
            result 1 "$1: a file cut short is refused with its place" "$work/err"
            return
        fi
    done
    result 0 "$1: a file cut short is refused with its place"
}

names=(cve5 cve5-retyped nvd2 nvd2-retyped csaf csaf-oasis kev osv)
for name in "${names[@]}"; do judge "$name"; done
for name in cve5 nvd2 csaf kev osv; do again $name; done
for feed in cve5 nvd2 csaf; do damage $feed; done
cut_short cve5 "$data/cve5/CVE-2015-2051.json"
cut_short nvd2 "$data/nvd2-pages/api20-native-2002.json"
cut_short csaf "$data/csaf/icsa-17-124-01.json"

# All into one folder, as an operator does it; what comes out can be signed.
for name in cve5 nvd2 csaf; do
    files_of $name
    "$muster" import $name -o "$work/all" --kev "$data/kev/known_exploited_vulnerabilities.json" \
        "${files[@]}" >"$work/$name.all" 2>"$work/err"
done
"$muster" key new "$work/key" >"$work/out" 2>&1 &&
    "$muster" sign --key "$work/key" -o "$work/all.mlist" --first "$work/all" >"$work/out" 2>&1
result $? 'what all feeds come to together can be signed' "$work/out"

echo '#'
echo '# what was read, by the best answer for each record; then by CVE and model, review by reason'
for name in "${names[@]}"; do
    printf '# %-13s %s\n# %-13s %s\n' "$name" "${records[$name]}" '' "${tables[$name]}"
done | fold -s -w 150 | sed '/^#/!s/^/#                 /'
echo "1..$number"
[ $failed = 0 ]
