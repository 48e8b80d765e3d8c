#!/bin/bash
# SPDX-License-Identifier: ISC
# Keys to paper and back, with the real binary. Prints TAP. Needs no privilege; the QR code is read
# back by zbarimg where there is one.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
muster=$(realpath "${MUSTER_BIN:-$here/build/bin}")/muster
python=${PYTHON:-/usr/bin/python3}
. "$here/tests/e2e/tell.sh"
tell_begin --tap
[ -x "$muster" ] || { echo "Bail out! no $muster; build it with make"; exit 1; }
work=$(mktemp -d /tmp/muster-paper.XXXXXX)
trap 'rm -rf "$work"' EXIT
unset MUSTER_PASSPHRASE
cd "$work" || exit 1
umask 022
echo 'correct horse' >phrase
"$muster" key new plain >/dev/null
"$muster" key new locked --passphrase-file phrase >/dev/null
key() { "$muster" key show "$1.pub"; }

for kind in plain locked; do
    check "$kind: the page is written" says 0 'a SECRET; print it' "$muster" key backup $kind -o $kind.page
    check "$kind: for nobody else" test "$(stat -c %a $kind.page)" = 600
    check "$kind: it tells the public key" grep -q "^public key  *$(key $kind)" $kind.page
    check "$kind: it comes back" says 0 "$(key $kind)" "$muster" key restore $kind.page -o $kind.back
    check "$kind: byte for byte" cmp $kind $kind.back
    check "$kind: with its public key" test "$(key $kind)" = "$(key $kind.back)"
    check "$kind: mode 0600" test "$(stat -c '%a' $kind.back)" = 600
    check "$kind: never over a file" says 2 'exists already' "$muster" key restore $kind.page -o $kind.back
    grep -E '^ *[0-9]+/' $kind.page | tr '[:upper:]' '[:lower:]' | sed 's/  */ /g' >typed
    check "$kind: typed in small letters, from standard input" \
        sh -c "'$muster' key restore - -o $kind.typed <typed && cmp $kind $kind.typed"
done
check 'a locked key stays locked' says 0 'locked\)' "$muster" key restore locked.page -o l2
check 'and the page says so' grep -q 'locked with a passphrase that is not on it' locked.page
check 'a page of one that is not locked says that' grep -q 'NOT LOCKED' plain.page
check 'the passphrase still opens it' says 0 "$(key locked)" "$muster" key show l2 --passphrase-file phrase
rm locked.pub
check 'without FILE.pub the passphrase is asked for' says 2 'passphrase' setsid "$muster" key backup locked -o p2
check 'and gives the public key' says 0 'a SECRET' "$muster" key backup locked -o p2 --passphrase-file phrase
check 'the same lines' sh -c "grep -E '^ *[0-9]+/' locked.page >a; grep -E '^ *[0-9]+/' p2 | cmp - a"

check 'a page that exists is not written over' says 2 'File exists' "$muster" key backup plain -o plain.page
check 'nor one into a file that others can read' says 2 'others can read' sh -c "'$muster' key backup plain >open.page"
check 'into one that they cannot it goes' sh -c "umask 077; '$muster' key backup plain >closed.page && '$muster' key restore closed.page -o c2"
check 'a terminal is warned' says 0 'what follows is the secret key' script -qec "'$muster' key backup plain" /dev/null
chmod 644 plain.back
check 'a key that others can read is refused' says 2 'chmod 600' "$muster" key backup plain.back -o x.page
check 'a public key is no secret' says 2 'is a public key, which signs nothing' "$muster" key backup plain.pub -o x.page
check 'a key in a token has no backup' says 2 'cannot be read out' "$muster" key backup 'pkcs11:object=x' -o x.page

sed '0,/1\/4  ./s/1\/4  ./1\/4  O/' plain.page >wrong.page
check 'a wrong digit: its line is named' says 1 "line 1/4: 'O' does not occur" "$muster" key restore wrong.page -o w
sed '/2\/4/d' plain.page >wrong.page
check 'a missing line is named' says 1 'line 2/4 is missing' "$muster" key restore wrong.page -o w
check 'no page at all' says 1 'no key on it' "$muster" key restore phrase -o w
check 'nothing was written' not ls w w.pub
head -c 70000 /dev/zero >big
check 'a huge file is no page' says 2 'File too large' "$muster" key restore big -o w

check 'svg: the page' says 0 'a SECRET' "$muster" key backup plain --svg -o plain.svg
check 'svg: is well-formed and holds the lines' "$python" - <<'END'
import re, sys, xml.dom.minidom as dom
texts = [t.firstChild.data for t in dom.parse("plain.svg").getElementsByTagName("text") if t.firstChild]
lines = [t for t in texts if re.match(r" *\d/4 ", t)]
page = [l.rstrip("\n") for l in open("plain.page") if re.match(r" *\d/4 ", l)]
sys.exit(lines != page)
END

cat >render.py <<'END'
# The blocks of a page, or the path of an SVG one, as a PGM picture.
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
if text.startswith("<svg"):
    n = int(re.findall(r'viewBox="0 0 (\d+) \1"', text)[0])
    dark = {tuple(map(int, m)) for m in re.findall(r"M(\d+) (\d+)h1v1h-1z", text)}
else:
    rows = [l.rstrip("\n") for l in text.split("\n") if re.fullmatch("[ \u2580\u2584\u2588]+", l)]
    n = len(rows[0])
    dark = {(x, 2 * y) for y, r in enumerate(rows) for x, c in enumerate(r) if c in "\u2580\u2588"}
    dark |= {(x, 2 * y + 1) for y, r in enumerate(rows) for x, c in enumerate(r) if c in "\u2584\u2588"}
s = 6
with open(sys.argv[2], "wb") as f:
    f.write(b"P5 %d %d 255\n" % (n * s, n * s))
    for y in range(n * s):
        f.write(bytes(0 if (x // s, y // s) in dark else 255 for x in range(n * s)))
END
scan() { "$python" render.py "$1" code.pgm && zbarimg -q --raw code.pgm; }
if command -v zbarimg >/dev/null; then
    check 'the code of the page gives the key' sh -c "$(declare -f scan); python=$python; scan plain.page | '$muster' key restore - -o s1 && cmp s1 plain"
    check 'that of a locked one' sh -c "$(declare -f scan); python=$python; scan locked.page | '$muster' key restore - -o s2 && cmp s2 locked"
    check 'that of the picture' sh -c "$(declare -f scan); python=$python; scan plain.svg | '$muster' key restore - -o s3 && cmp s3 plain"
else
    echo "# no zbarimg: the codes were not read back"
fi

tell_end
