#!/bin/bash
# SPDX-License-Identifier: ISC
# The signing room with the real binaries: approvals, bundles, installing, and two signers at once.
# Prints TAP. Needs no privilege; musterd runs on loopback, on a port that was free a moment before.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(realpath "${MUSTER_BIN:-$here/build/bin}")
muster=$bin/muster
musterd=$bin/musterd
python=${PYTHON:-/usr/bin/python3}
. "$here/tests/e2e/tell.sh"
tell_begin --tap
work=$(mktemp -d /tmp/muster-room.XXXXXX)
control=$work/run/musterd.sock
pid=

cleanup() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
unset MUSTER_PASSPHRASE SOURCE_DATE_EPOCH
[ -x "$musterd" ] || { echo "Bail out! no $musterd; build it with make"; exit 1; }
cd "$work" || exit 1
chmod 755 "$work"
mkdir "$work/run"
port=$("$python" -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')

# says STATUS PATTERN COMMAND... : ends so, and prints such a line
says() {
    local want=$1 pattern=$2 output status
    shift 2
    output=$("$@" 2>&1 </dev/null)
    status=$?
    printf '%s\n' "$output"
    [ "$status" = "$want" ] || { echo "status $status, wanted $want"; return 1; }
    grep -Eq -- "$pattern" <<<"$output" || { echo "nothing matches /$pattern/"; return 1; }
}

# serve INI : musterd with this configuration; returns when it answers. Not within `check`, which
# would wait for it.
serve() {
    "$musterd" --config "$1" >/dev/null 2>>"$work/log" &
    pid=$!
    for _ in $(seq 100); do
        "$musterd" status --control "$control" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    echo "musterd did not start: $(cat "$work/log")"
    return 1
}

stop() {
    kill "$pid"
    wait "$pid" 2>/dev/null
    pid=
}

# ini LINE... : the configuration in the file ini
ini() {
    printf '[server]\nmode = enforce\nlisten = 127.0.0.1:%s\ncontrol = %s\n[lists]\n' "$port" "$control"
    printf '%s\n' "$@"
}

# becomes WANTED EXPRESSION : until the status (as `s`) says so, at most 10 s
becomes() {
    local got
    for _ in $(seq 100); do
        got=$("$musterd" status --json --control "$control" |
            "$python" -c "import json, sys; s = json.load(sys.stdin); print($2)")
        [ "$got" = "$1" ] && return 0
        sleep 0.1
    done
    echo "wanted $1, got $got"
    return 1
}

# source_file FILE ID VENDOR/MODEL FIXED
source_file() {
    cat >"$1" <<END
{"schema_version": "1.6.0", "id": "$2", "modified": "2026-01-01T00:00:00Z",
 "affected": [{"package": {"ecosystem": "Muster", "name": "$3"},
   "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "$4"}]}]}]}
END
}

put() { cp "$1" "$2.new" && mv "$2.new" "$2"; }
digest_of() { "$muster" show --json "$1" | "$python" -c 'import json, sys; print(json.load(sys.stdin)["digest"])'; }

mkdir src
source_file src/cam.json CVE-2026-1 acme/cam 2.0
for key in signer alice bob carol mallory; do "$muster" key new "$key" >/dev/null; done

### approve

"$muster" sign src --key signer -o first.mlist --first --enforce-after 0 >/dev/null
"$muster" sign src --key signer -o other.mlist --old first.mlist --enforce-after 0 >/dev/null
approve() { "$muster" approve "$1" --key "$2" -o "$3"; }
digest=$(digest_of first.mlist)
check 'approve prints the digest' says 0 "digest +$digest" approve first.mlist alice one.mlist
check 'and the approval' says 0 "approval +$("$muster" key show alice.pub)" approve first.mlist alice one.mlist
check 'approving again changes nothing' says 0 'had approved it already' approve one.mlist alice again.mlist
check 'not a byte' cmp one.mlist again.mlist
check 'the list before is as it was' says 0 '"approvals": \[\]' "$muster" show --json first.mlist
check 'a signer cannot approve its own list' says 2 "another person's" approve first.mlist signer x.mlist
check 'and nothing is written' test ! -e x.mlist
cp one.mlist two.mlist
check 'without -o the list itself is approved' says 0 Approved "$muster" approve two.mlist --key bob
check 'its digest stays' says 0 "digest +$digest" "$muster" show two.mlist
check 'show tells who approved' says 0 "approved by +$("$muster" key show bob.pub)" "$muster" show two.mlist
check 'its mode is 0644' test "$(stat -c %a two.mlist)" = 644
"$python" - <<'END'
two = bytearray(open("two.mlist", "rb").read())
two[256 + 96 + 40] ^= 1
open("forged.mlist", "wb").write(two)
stolen = bytearray(open("other.mlist", "rb").read())
stolen[256:448] = open("two.mlist", "rb").read()[256:448]
open("stolen.mlist", "wb").write(stolen)
cut = bytearray(open("first.mlist", "rb").read())
cut[-20] ^= 1
open("flipped.mlist", "wb").write(cut)
END
check 'show finds an approval that does not verify' says 1 'DOES NOT VERIFY' "$muster" show forged.mlist
check 'a list that does not verify is not approved' says 2 'not a whole list' approve flipped.mlist alice x.mlist
check 'approve: a key is needed' says 2 'LIST and --key' "$muster" approve first.mlist
cp first.mlist full.mlist
for i in $(seq 8); do
    "$muster" key new "n$i" >/dev/null
    "$muster" approve full.mlist --key "n$i" >/dev/null
done
check 'eight approvals fit' says 0 "approved by +$("$muster" key show n8.pub)" "$muster" show full.mlist
check 'a ninth is refused' says 2 'room for no more' "$muster" approve full.mlist --key alice
check 'the eighth may come again' says 0 'already' "$muster" approve full.mlist --key n8

### musterd asks for approvals

need=("list = $work/live.mlist" "approver = $work/alice.pub" "approver = $("$muster" key show bob.pub)"
    "approver = $work/carol.pub" 'approvals = 2')
ini "${need[@]}" >two.ini
check_config() { "$musterd" --check --config "$1"; }
chmod 644 ./*.pub
put first.mlist live.mlist
check 'without approvals: refused' says 1 'approved by 0 of the named approvers, and 2 must' check_config two.ini
put one.mlist live.mlist
check 'with one of two: refused' says 1 'approved by 1 of' check_config two.ini
"$python" - <<'END'
twice = bytearray(open("one.mlist", "rb").read())
twice[352:448] = twice[256:352]
open("twice.mlist", "wb").write(twice)
END
put twice.mlist live.mlist
check 'the same key twice counts once' says 1 'approved by 1 of' check_config two.ini
approve one.mlist mallory foreign.mlist >/dev/null
put foreign.mlist live.mlist
check 'a key that is not named does not count' says 1 'approved by 1 of' check_config two.ini
put forged.mlist live.mlist
check 'an approval that does not verify does not count' says 1 'approved by 1 of' check_config two.ini
put stolen.mlist live.mlist
check 'approvals of another list do not count' says 1 'approved by 0 of' check_config two.ini
put two.mlist live.mlist
check 'with two: all is well' says 0 'all is well' check_config two.ini
ini "${need[@]}" "approver = $work/mallory.pub" | sed 's/approvals = 2/approvals = 3/' >three.ini
check 'three of four are not two' says 1 'approved by 2 of' check_config three.ini
ini "${need[@]:0:2}" 'approvals = 2' >bad.ini
check 'more approvals than approvers: wrong' says 2 'no list could have as many' check_config bad.ini
ini "${need[@]:0:3}" >bad.ini
check 'approvers without approvals: wrong' says 2 'no approvals are asked for' check_config bad.ini

serve two.ini
check 'musterd has an approved list in use' becomes None 's["lists"][0]["error"]'
approve other.mlist alice other1.mlist >/dev/null
put other1.mlist live.mlist
check 'a newer list with one approval is refused' becomes True '"approved by 1" in str(s["lists"][0]["error"])'
check 'and the old one stays in use' becomes "$("$muster" show --json two.mlist | "$python" -c \
    'import json, sys; print(json.load(sys.stdin)["issued"])')" 's["lists"][0]["issued"]'
approve other1.mlist carol other2.mlist >/dev/null
put other2.mlist live.mlist
check 'with the second it is taken' becomes None 's["lists"][0]["error"]'
stop

tell_end
