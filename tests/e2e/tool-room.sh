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

### prepare, and sign on the other machine

mkdir -p cert/deep own
source_file cert/cam.json CVE-2026-1 acme/cam 2.0
source_file cert/deep/tv.json CVE-2026-2 acme/tv 3.0
source_file cert/plug.json CVE-2026-3 acme/plug 1.0
source_file own/tv.json CVE-2026-2 acme/tv 3.1
printf '# ours are new enough\nacme/plug\n' >own/suppress
echo 'not a source' >cert/README
T0=1790000000
prepare() { SOURCE_DATE_EPOCH=$T0 "$muster" prepare "$@"; }
sign_at() { SOURCE_DATE_EPOCH=$T0 "$muster" sign "$@"; }
check 'prepare' says 0 'added 2, changed 0' prepare cert own -o b1.tar --days 20 --enforce-after 7
prepare cert own -o b2.tar --days 20 --enforce-after 7 >prepared
check 'the same input gives the same bytes' cmp b1.tar b2.tar
check 'the digest is what sha512sum begins with' grep -Eq "^digest +$(sha512sum b1.tar | cut -c1-64)" prepared
check 'nobody but root owns what is in it' not sh -c "tar --numeric-owner -tvf b1.tar | grep -v '^-rw-r--r-- 0/0 .* 1970-01-01 '"
check 'the sources are in it, and nothing else' test "$(tar -tf b1.tar | tr '\n' ' ')" = \
    'SUMMARY.txt options layers/0000/cam.json layers/0000/deep/tv.json layers/0000/plug.json layers/0001/suppress layers/0001/tv.json '
check 'the summary is in it' sh -c "tar -xOf b1.tar SUMMARY.txt | grep -q '^+ acme/cam added'"
check 'sign tells the same' says 0 '^\+ acme/tv added' sign_at b1.tar --key signer -o s1.mlist
sign_at b1.tar --key signer -o s1b.mlist >signed
check 'the same summary and digest, word for word' test "$(grep -Ev '^(bundle|blast|  )' prepared)" = \
    "$(grep -Ev '^(blast|NOTE)' signed | sed -n "1,/^digest/p")"
check 'and has nothing to complain of' not grep -q NOTE signed
sign_at cert own --key signer -o d1.mlist --first --days 20 --enforce-after 7 >/dev/null
check 'the list is the one that the folders give' cmp s1.mlist d1.mlist
check 'a digest that is not the bundle'"'"'s is refused' says 2 'carry the bundle again' \
    sign_at b1.tar --key signer -o x.mlist --digest "$(sha512sum b2.tar | cut -c2-65)"
check 'the bundle'"'"'s is not' says 0 issued sign_at b1.tar --key signer -o x.mlist \
    --digest "$(sha512sum b1.tar | cut -c1-64)"
rm x.mlist
check '--publisher is not passed over with a bundle' says 2 'give it to muster prepare' \
    sign_at b1.tar --key signer -o x.mlist --publisher bob.pub
check 'nor without folders' says 2 'held against a DIR' sign_at --renew s1.mlist --key signer -o x.mlist --publisher bob.pub
source_file own/cam.json CVE-2026-1 acme/cam 2.2
rm cert/deep/tv.json own/tv.json
prepare cert own -o b3.tar --old s1.mlist >prepared
check 'against the list before' grep -q '^added 0, changed 1, withdrawn 1' prepared
check 'by name' grep -q '^- acme/tv withdrawn' prepared
check 'options on the command line go first, and are said' says 0 'override +--days' \
    sign_at b3.tar --key signer -o s3.mlist --days 10
check 'the list before is in the bundle' says 0 'in 30 days|issued' "$muster" show s3.mlist
check 'another key than the old list'"'"'s is refused' says 2 'signed by another key' sign_at b3.tar --key bob -o x.mlist
check '--first instead of the bundle'"'"'s list is refused for this signer' says 2 'there already' \
    sign_at b3.tar --key signer -o s3.mlist --first
printf 'vendor\tmodel\tbuild\tnumber\tcount\n' >/dev/null
source_file own/bad.json nonsense ACME/cam 1
check 'prepare finds what check finds' says 1 'bad.json' prepare cert own -o x.tar
check 'and writes nothing' test ! -e x.tar
rm own/bad.json
mkdir lines
for i in $(seq 1500); do
    printf '{"id": "CVE-%d", "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Muster", "name": "acme/m-%d"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]}], "details": "%0900d"}\n' "$i" "$i" 0
done >lines/all.jsonl
check 'documents a line, over 1 MiB of them, go along' says 0 '^\.\.\. and 1000 more' prepare lines -o lines.tar
sign_at lines.tar --key bob -o lines.mlist >/dev/null
sign_at lines --key bob -o lines2.mlist --first >/dev/null
check 'and give the same list' cmp lines.mlist lines2.mlist
mkdir odd
source_file "odd/$(printf '\303\244').json" CVE-1 acme/cam 1
check 'a name that does not go into a bundle is told' says 2 'does not go into a bundle' prepare odd -o x.tar
check 'prepare without folders' says 2 'are needed' prepare -o x.tar
check 'a folder that is not there' says 2 'No such file' prepare nowhere -o x.tar

"$python" - <<'END'
# Bundles that somebody changed on the way.
import tarfile
def header(name, size):
    h = bytearray(512)
    def put(at, text): h[at:at + len(text)] = text
    put(0, name.encode())
    put(100, b"000644 \0" b"000000 \0" b"000000 \0" + b"%011o 00000000000 " % size)
    put(148, b" " * 8)
    put(156, b"0")
    put(257, b"ustar\x0000")
    put(329, b"000000 \0" b"000000 \0")
    put(148, b"%06o\0 " % sum(h))
    return bytes(h)
def build(name, change):
    with tarfile.open("b1.tar") as t:
        members = [[m.name, t.extractfile(m).read()] for m in t.getmembers()]
    change(members)
    b = b"".join(header(n, len(c)) + c + bytes(-len(c) % 512) for n, c in members)
    b += bytes(1024)
    open(name, "wb").write(b + bytes(-len(b) % 10240))
def nothing(m): pass
def dotdot(m): m[-1][0] = "layers/0001/../../x.json"
def absolute(m): m[-1][0] = "/etc/x.json"
def foreign(m): m.append(["layers/0001/zz.txt", b"x"])
def layer(m): m[-1][0] = "layers/0002/tv.json"
def twice(m): m.append(m[-1])
def order(m): m[-1], m[-2] = m[-2], m[-1]
def options(m): m[1][1] = m[1][1].replace(b"days 20", b"days 99")
def blank(m): m[1][1] += b"\n"
def summary(m): m[0][1] = b"nothing is changed\n"
def missing(m): del m[0]
for f in (nothing, dotdot, absolute, foreign, layer, twice, order, options, blank, missing, summary):
    build("hostile-" + f.__name__ + ".tar", f)
b = open("b1.tar", "rb").read()
open("hostile-cut.tar", "wb").write(b[:4096])
open("hostile-longer.tar", "wb").write(b + bytes(512))
i = bytearray(b)
i[156:157] = b"2"
open("hostile-link.tar", "wb").write(i)
END
for how in dotdot absolute foreign layer twice order options blank missing cut longer link; do
    check "a bundle with $how is refused" says 2 'neither a folder nor a bundle' \
        sign_at hostile-$how.tar --key signer -o x.mlist
done
check 'nothing was written' test ! -e x.mlist
check 'which is not for the form: so built they are the same' cmp b1.tar hostile-nothing.tar
check 'a summary that lies is told' says 0 '^NOTE: .*tells otherwise' sign_at hostile-summary.tar --key signer -o x.mlist

### install

ini "list = $work/live.mlist" "approver = $work/alice.pub" 'approvals = 1' >one.ini
install_it() { "$muster" install "$1" --to live.mlist --control "$control" "${@:2}"; }
put one.mlist live.mlist
serve one.ini
"$muster" sign src --key signer -o next.mlist --old other.mlist >/dev/null
cp live.mlist live.was
check 'a list without approval: musterd says why it does not use it' says 1 'approved by 0 of' install_it next.mlist
check 'the one before is kept beside it' cmp live.mlist.before live.was
check 'and the way back is told' says 1 'mv live.mlist.before live.mlist' install_it next.mlist
put one.mlist live.mlist
approver=(--approver alice.pub --approvals 1)
check 'install knows the rule too' says 1 'approved by 0 of the named' install_it next.mlist "${approver[@]}"
check 'and leaves the list in place' cmp one.mlist live.mlist
approve next.mlist alice next1.mlist >/dev/null
check 'approved it is installed, and in use' says 0 'live.mlist: in use' install_it next1.mlist "${approver[@]}" --signer signer.pub
check 'whole' cmp next1.mlist live.mlist
check 'mode 0644' test "$(stat -c %a live.mlist)" = 644
check 'again is no harm' says 0 'in use' install_it next1.mlist
check 'an older one is refused' says 1 'is older than the list in place' install_it one.mlist
check 'a signer that is not named is refused' says 1 'none of --signer' install_it next1.mlist --signer bob.pub
check 'a damaged one is refused' says 2 'not a whole list' install_it flipped.mlist
"$muster" sign src --key bob -o bobs.mlist --first >/dev/null
check 'a list of another signer is refused' says 1 'is by another signer' install_it bobs.mlist
SOURCE_DATE_EPOCH=$T0 "$muster" sign src --key signer -o expired.mlist --first --days 1 --now 1600000000 >/dev/null
check 'an expired one is refused' says 1 'has expired' install_it expired.mlist
SOURCE_DATE_EPOCH=$T0 "$muster" sign src --key signer -o future.mlist --first --now "$(($(date +%s) + 2 * 86400))" >/dev/null
check 'one from the future is refused' says 1 'ahead of this clock' install_it future.mlist
check 'still the same' cmp next1.mlist live.mlist
stop
mkdir one two
source_file one/cam.json CVE-2026-1 acme/cam 2.0
cp one/cam.json two/
source_file two/tv.json CVE-2026-2 acme/tv 2.0
base=$(date +%s)
at() { SOURCE_DATE_EPOCH=$((base + $1)) "$muster" sign "${@:2}" --key signer >/dev/null; }
at 0 two -o p0.mlist --first
source_file two/cam.json CVE-2026-1 acme/cam 3.0
source_file two/plug.json CVE-2026-3 acme/plug 2.0
at 1 two -o p1.mlist --old p0.mlist
at 2 one -o beside.mlist --old p0.mlist
rm two/cam.json
source_file one/plug.json CVE-2026-3 acme/plug 2.0
source_file one/tv.json CVE-2026-2 acme/tv 2.0
at 2 one -o older.mlist --old p0.mlist
at 3 one -o after.mlist --old p1.mlist
into() { "$muster" install "$1" --to place.mlist --control "$control"; }
check 'of lists signed side by side one is installed' says 0 installed into p1.mlist
check 'the other, which lacks a model, is refused' says 1 'does not withdraw acme/plug|has an older word on acme/cam' into beside.mlist
check 'and one with an older word' says 1 'has an older word on acme/cam' into older.mlist
check 'the list in place stays' cmp p1.mlist place.mlist
check 'one that was made out of it is installed' says 0 installed into after.mlist
cp signer secret
check 'a list does not go over a key' says 2 'is there already and no list' "$muster" install next1.mlist --to secret
check 'an approved one does not' says 2 'is there already and no list' "$muster" approve next1.mlist --key bob -o secret
check 'a bundle does not' says 2 'is there already and no bundle' "$muster" prepare src -o secret
check 'nor over a list' says 2 'is there already and no bundle' "$muster" prepare src -o one.mlist
check 'the key is whole' cmp signer secret
: >empty
check 'an empty file may go' says 0 'installed' install_it next1.mlist --to empty
check 'without musterd the command is said' says 0 'systemctl start' install_it next1.mlist
check 'install: --to is needed' says 2 'are needed' "$muster" install next1.mlist
check 'install: approvals without approvers' says 2 'name more' install_it next1.mlist --approvals 1

### two signers at once, until the old one's last list has expired

ini "list = $work/new.mlist" "list = $work/old.mlist" >rotation.ini
source_file src/cam.json CVE-2026-1 acme/cam 2.0
mkdir src2
source_file src2/cam.json CVE-2026-1 acme/cam 2.0
source_file src2/only-new.json CVE-2026-4 acme/new 2.0
source_file src/only-old.json CVE-2026-5 acme/old 2.0
"$muster" sign src --key signer -o old.mlist --first --enforce-after 0 >/dev/null
"$muster" sign src2 --key bob -o new.mlist --rotate old.mlist --enforce-after 0 >rotated
check 'rotating tells to go on serving the old list' grep -q 'go on serving old.mlist, after the new list' rotated
serve rotation.ini
signer_of() { "$muster" ask "127.0.0.1:$port" acme "$1" 1.0 --padded --json --timeout 5 2>/dev/null | grep -o '"signed_by": "[0-9a-f]*"' | head -1 | cut -d'"' -f4; }
bob=$("$muster" key show bob.pub)
old=$("$muster" key show signer.pub)
check 'what both have is answered by the first list' test "$(signer_of cam)" = "$bob"
check 'what only the new one has' test "$(signer_of new)" = "$bob"
check 'what only the old one has is still answered' test "$(signer_of old)" = "$old"
# The old list, as if signed a day ago, ends in a few seconds.
"$muster" sign src --key signer -o ending.mlist --first --enforce-after 0 --days 1 \
    --now $(($(date +%s) - 86400 + 6)) >/dev/null
stop
put ending.mlist old.mlist
serve rotation.ini
check 'also shortly before its end' test "$(signer_of old)" = "$old"
sleep 7
check 'not after it' test "$(signer_of old)" = ''
check 'while the new list is answered from' test "$(signer_of cam)" = "$bob"
stop

tell_end
