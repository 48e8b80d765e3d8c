#!/bin/bash
# SPDX-License-Identifier: ISC
# musterd, the real binary, in a network namespace of its own. TAP. Needs root; MUSTER_BIN names the
# binaries.
set -u
if [ "$(id -u)" != 0 ]; then
    echo "1..0 # SKIP musterd.sh needs root for a network namespace"
    exit 0
fi
here=$(cd "$(dirname "$0")" && pwd)
bin=$(realpath "${MUSTER_BIN:-build/bin}")
if [ -z "${MUSTERD_SH_INSIDE:-}" ]; then
    if ! unshare -n true 2>/dev/null; then
        echo "1..0 # SKIP no network namespaces here"
        exit 0
    fi
    MUSTERD_SH_INSIDE=1 MUSTER_BIN=$bin exec unshare -n "$here/musterd.sh" "$@"
fi

musterd=$bin/musterd
[ -x "$musterd" ] || { echo "Bail out! no $musterd; build it with make"; exit 1; }
client=$here/musterd_client.py
port=7878
tmp=$(mktemp -d)
control=$tmp/run/musterd.sock
log=$tmp/log
number=0
failed=0
pid=
outside=

finish() {
    [ -n "$pid" ] && kill "$pid" 2>/dev/null
    [ -n "$outside" ] && kill "$outside" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM

# result NAME STATUS [DETAIL]
result() {
    number=$((number + 1))
    if [ "$2" = 0 ]; then
        echo "ok $number - $1"
        return
    fi
    failed=$((failed + 1))
    echo "not ok $number - $1"
    [ -z "${3:-}" ] || echo "# ${3//$'\n'/$'\n'# }"
    tail -n 5 "$log" 2>/dev/null | sed 's/^/# log: /'
}

# is NAME WANTED GOT
is() {
    [ "$2" = "$3" ]
    result "$1" $? "wanted: $2
got: $3"
}

# like NAME PATTERN GOT
like() {
    grep -Eq -- "$2" <<<"$3"
    result "$1" $? "wanted: $2
got: $3"
}

# passes NAME COMMAND...
passes() {
    local name=$1 output
    shift
    output=$("$@" 2>&1)
    result "$name" $? "$output"
}

# start ARGUMENT... ; waits until it answers on its control socket
start() {
    : >"$log"
    "$musterd" --control "$control" "$@" 2>"$log" &
    pid=$!
    for _ in $(seq 100); do
        "$musterd" status --control "$control" >/dev/null 2>&1 && return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    echo "# musterd did not start: $(cat "$log")"
    return 1
}

stop() {
    kill "$pid"
    wait "$pid"
    local status=$?
    pid=
    return $status
}

# ends WANTED-STATUS PATTERN NAME ARGUMENT... ; a musterd that must not run
ends() {
    local wanted=$1 pattern=$2 name=$3 output status
    shift 3
    output=$(timeout 5 "$musterd" "$@" 2>&1)
    status=$?
    [ "$status" = "$wanted" ] && grep -Eq -- "$pattern" <<<"$output"
    result "$name" $? "status $status, wanted $wanted with: $pattern
$output"
}

c() { "$client" --port $port --musterd "$musterd" --control "$control" "$@"; }
ask() { c --timeout "${wait:-1}" ask "$@"; }
# value .PATH : of the status
value() {
    "$musterd" status --json --control "$control" |
        /usr/bin/python3 -c "import json, sys; print(json.load(sys.stdin)$1)"
}
# becomes NAME WANTED PATH : until the status says so, at most 15 s
becomes() {
    local got
    for _ in $(seq 150); do
        got=$(value "$3" 2>&1)
        [ "$got" = "$2" ] && break
        sleep 0.1
    done
    is "$1" "$2" "$got"
}
put() { cp "$tmp/$1" "$tmp/$2.new" && mv "$tmp/$2.new" "$tmp/$2"; }

ip link set lo up
chmod 755 "$tmp"
mkdir "$tmp/run" "$tmp/standings"
chown nobody "$tmp/run"
"$client" make "$tmp" || exit 1
base=(--listen "127.0.0.1:$port" --list "$tmp/a.mlist")
put good.mlist a.mlist

# The command line and the configuration.

ends 0 'usage: musterd' 'help' --help
ends 0 '^musterd [0-9]' 'version' --version
ends 2 'unrecognized.*|wrong usage' 'unknown option' --frobnicate
ends 2 'is no mode; write monitor' 'unknown mode' --mode fast --list "$tmp/a.mlist"
ends 2 'without a list' 'enforce mode without a list' --mode enforce --listen 127.0.0.1:$port
ends 2 'without standings' 'inquiries without standings' --inquiries --listen 127.0.0.1:$port
ends 2 'unicast' 'a multicast address to listen on' --listen 224.0.0.1:$port
ends 2 'no address to listen on' 'a name to listen on' --listen localhost
[ -e /etc/muster/musterd.ini ] || ends 2 'musterd.ini: No such file' 'no configuration at all'
printf '[server]\nmode = enforce\nmodes = good\n' >"$tmp/bad.ini"
ends 2 "bad.ini:3: unknown key 'modes'; did you mean 'mode'" 'unknown key' --config "$tmp/bad.ini"
printf '[server]\nmode = notice\nmode = enforce\n' >"$tmp/bad.ini"
ends 2 "bad.ini:3: 'mode' is set twice" 'a key set twice' --config "$tmp/bad.ini"
printf '[policy]\nexempt = 10.0.0.1/8\n' >"$tmp/bad.ini"
ends 2 "bad.ini:2: '10.0.0.1/8' is no prefix" 'bits below the prefix' --config "$tmp/bad.ini"
ends 0 'all is well' 'check finds all well' --check "${base[@]}" --standing "$tmp/good.standing"
ends 1 'cut short' 'check finds a list that was cut short' --check --list "$tmp/cut.mlist"
ends 1 'damaged inside' 'check finds a list with one bit changed' --check --list "$tmp/flipped.mlist"
ends 1 'never-fail, which must never' 'check finds never-fail' --check --list "$tmp/never.mlist"
ends 1 'expired on' 'check finds an expired list' --check --list "$tmp/expired.mlist"
ends 1 'does not verify' 'check finds a forged standing' --check --standing "$tmp/forged.standing"
printf '[lists]\nlist = %s\nsigner = %s\n' "$tmp/a.mlist" "$(cat "$tmp/other.hex")" >"$tmp/pin.ini"
ends 1 'which no .signer =. names' 'check finds a list by another signer' --check --config "$tmp/pin.ini"
printf '[lists]\nlist = %s\nsigner = %s\n' "$tmp/a.mlist" "$(cat "$tmp/signer.hex")" >"$tmp/pin.ini"
ends 0 'all is well' 'check finds a list by the signer named' --check --config "$tmp/pin.ini"

# Datagrams.

start "${base[@]}" --mode enforce --standing "$tmp/good.standing" --standing "$tmp/second.standing" || exit 1
passes 'every legal and illegal datagram is counted under its reason' c classes
is 'a small report of a listed model is asked for more' more "$(ask acme camera-1 1.0)"
is 'records verify with another library' 'advisory good good' "$(ask --pad acme camera-1 1.0)"
is 'a build that is not covered gets the advisory too' 'advisory good good' \
    "$(ask --pad hikvision ds-2cd2042wd-i 'V9.9')"
is 'an unknown model is heard' heard "$(ask acme unknown 1.0)"
covered=$(value '["counters"]["covered"]')
ask --pad hikvision ds-2cd2042wd-i 'V5.4.5 build 170124' >/dev/null
ask --pad hikvision ds-2cd2042wd-i 'V9.9' >/dev/null
is 'covered counts covered builds only' $((covered + 1)) "$(value '["counters"]["covered"]')"
passes 'no reply is longer than its request, lengths 1 to 1500' c sweep
wait=0.2
is 'a report from port 6878 is not answered' silent "$(ask --source-port 6878 acme unknown 1)"
wait=1
is 'no send error, nothing overflowed' '0 0' \
    "$(value '["counters"]["send_errors"]') $(value '["counters"]["overflowed"]')"
is 'the process is not root' '65534 65534 65534 65534' \
    "$(awk '/^Uid/ {print $2, $3, $4, $5}' "/proc/$pid/status")"
is 'it has no capability left' 0000000000000000 "$(awk '/^CapEff/ {print $2}' "/proc/$pid/status")"
is 'no new privileges' 1 "$(awk '/^NoNewPrivs/ {print $2}' "/proc/$pid/status")"
is 'the control socket is for its group only' '660 nogroup' "$(stat -c '%a %G' "$control")"
is 'status names the version' "$("$musterd" --version | cut -d' ' -f2)" "$(value '["version"]')"
is 'status shows both standings' 2 "$(value '["standings"].__len__()')"

ends 1 'another instance answers there' 'a second instance on the control socket' \
    --listen 127.0.0.1:7999 --control "$control"
ends 1 'cannot listen on 127.0.0.1:7878: Address already in use; another musterd' 'port taken' \
    --listen 127.0.0.1:$port --control none
ends 1 'Cannot assign requested address; give the address' 'an address that is not here' \
    --listen 192.0.2.77:$port --control none
is 'hostile local clients hold up nobody' more "$(c stuck)"
ends 1 'no musterd answers there' 'status without a musterd' status --control "$tmp/nothing.sock"
ends 2 'usage' 'status with a wrong option' status --frobnicate

# Health.

health=(health --addr "127.0.0.1:$port")
ends 0 ': healthy: advisory good for 29 days, standing for 11' 'healthy' "${health[@]}"
ends 0 ': healthy: advisory good for 29 days, standing for 9' 'healthy under an anchor' \
    "${health[@]}" --anchor "$tmp/authority.anchor"
ends 1 'no standing vouches' 'not healthy under another anchor' "${health[@]}" --anchor "$tmp/second.anchor"
ends 1 'advisory has only 29 days' 'not healthy for longer than it lives' "${health[@]}" --min-life 30d
ends 1 'standing has only 11 days' 'standing not for longer than it lives' "${health[@]}" --min-life 20d
ends 1 'no answer within 1 s' 'nobody there' health --addr 127.0.0.1:7999 --timeout 1
ends 2 'is no duration' 'a bad duration' "${health[@]}" --min-life soon

# Changes while it runs.

put newer.mlist a.mlist
becomes 'a list renamed into place is taken' 503 '["lists"][0]["models"]'
is 'and answers' 'advisory good good' "$(ask --pad acme new 1)"
c load 4 >"$tmp/load" &
loader=$!
for list in newer other-new newer other-new newer other-new; do
    put $list.mlist a.mlist
    kill -HUP "$pid"
    sleep 0.5
done
wait $loader
like 'reloads under load lose no packet' 'asked [0-9]{4,}, lost 0' "$(cat "$tmp/load")"

for bad in cut flipped never expired older; do
    put $bad.mlist a.mlist
    becomes "a list that is $bad is told in the status" True '["lists"][0]["error"] is not None'
    is "and the list before stays in use ($bad)" 'advisory good good' "$(ask --pad acme camera-1 1)"
done
rm "$tmp/a.mlist"
becomes 'a list that is gone is told in the status' True '["lists"][0]["error"].startswith("cannot be read")'
is 'and the list before stays in use (gone)' 'advisory good good' "$(ask --pad acme camera-1 1)"
cp "$tmp/newer.mlist" "$tmp/a.mlist"
becomes 'a list that is copied into place is taken' None '["lists"][0]["error"]'
: >"$tmp/a.mlist"
is 'a list cut to nothing in place kills nobody' 'advisory good good' "$(ask --pad acme camera-1 1)"
put newer.mlist a.mlist
becomes 'a good list ends the error' None '["lists"][0]["error"]'
put suspended.standing good.standing
becomes 'a standing replaced is taken' suspended '["standings"][0]["level"]'
like 'a suspended signer is a warning' 'WARNING: .*signer of a list here is suspended' \
    "$("$musterd" status --control "$control")"
put forged.standing good.standing
becomes 'a forged standing is told in the status' True '["standings"][0]["error"] is not None'
is 'and the standing before stays in use' 'advisory good suspended' "$(ask --pad acme camera-1 1)"
"$client" make "$tmp"
put good.mlist a.mlist
stop
result 'ends with status 0 on SIGTERM' $?
[ ! -e "$control" ]
result 'and takes its control socket along' $?

start "${base[@]}"
kill -9 "$pid"
wait "$pid" 2>/dev/null
[ -S "$control" ] && start "${base[@]}"
result 'a socket left by one that died is replaced' $?
stop
touch "$tmp/run/file"
ends 1 'something else is there' 'a file in place of the socket is not removed' \
    --listen 127.0.0.1:$port --control "$tmp/run/file"

# Modes and policy; SIGHUP reads the configuration again.

ini() {
    printf '[server]\nlisten = 127.0.0.1:%s\ncontrol = %s\nmode = %s\n[lists]\nlist = %s\n[standings]\n' \
        $port "$control" "$1" "$tmp/a.mlist"
    printf 'standing = %s\n[policy]\nexempt = 127.0.0.9\nexempt = 127.0.1.0/24\n' "$tmp/standings"
}
ini monitor >"$tmp/musterd.ini"
start --config "$tmp/musterd.ini"
is 'monitor: a listed model is heard' heard "$(ask --pad acme camera-1 1)"
is 'monitor: what would fail is counted' '1 1' \
    "$(value '["counters"]["monitored"]') $(value '["counters"]["covered"]')"
is 'monitor: muster.test as in enforce' 'advisory' "$(ask --pad muster.test always-fail 1)"
ends 1 'no standing vouches' 'health misses the standings that are configured' health --config "$tmp/musterd.ini"
cp "$tmp/good.standing" "$tmp/standings/"
becomes 'a standing put into the directory is taken' 1 '["standings"].__len__()'
ends 0 ': healthy' 'health takes address and standings from the configuration' \
    health --config "$tmp/musterd.ini"
ini notice >"$tmp/musterd.ini"
kill -HUP "$pid"
becomes 'SIGHUP changes the mode' notice '["mode"]'
is 'notice: the flag is set' 'advisory good notice-only' "$(ask --pad acme camera-1 1)"
is 'notice: muster.test as in enforce' 'advisory good' "$(ask --pad muster.test always-fail 1)"
ini enforce >"$tmp/musterd.ini"
kill -HUP "$pid"
becomes 'SIGHUP changes the mode again' enforce '["mode"]'
is 'enforce: no flag' 'advisory good' "$(ask --pad acme camera-1 1)"
is 'an exempt address is heard' heard "$(ask --pad --source 127.0.0.9 acme camera-1 1)"
is 'an address in an exempt prefix is heard' heard "$(ask --pad --source 127.0.1.77 acme camera-1 1)"
is 'its neighbour is not' 'advisory good' "$(ask --pad --source 127.0.2.1 acme camera-1 1)"
is 'muster.test is answered for exempt ones too' 'advisory good' \
    "$(ask --pad --source 127.0.0.9 muster.test always-fail 1)"
ini bad >"$tmp/musterd.ini"
kill -HUP "$pid"
sleep 0.5
is 'a bad configuration changes nothing' 'enforce' "$(value '["mode"]')"
like 'and is logged with its place' "musterd.ini:4: 'bad' is no mode" "$(cat "$log")"
stop

# Several lists; what is unusable or expires makes silence (R3).

start --listen 127.0.0.1:$port --list "$tmp/other.mlist" --list "$tmp/a.mlist" --mode enforce \
    --standing "$tmp/good.standing" --standing "$tmp/revoked.standing" --standing "$tmp/expired.standing"
is 'the first list that has the model answers' advisory "$(ask --pad acme camera-1 1)"
is 'the next list has what the first has not' 'advisory good' "$(ask --pad acme camera-2 1)"
is 'nothing expired is stapled' 'advisory good' "$(ask --pad hikvision ds-2cd2042wd-i 1)"
stop
wait=0.3
start --listen 127.0.0.1:$port --list "$tmp/nothing.mlist" --list "$tmp/a.mlist" --mode enforce
is 'one unusable list: silent for unknown models' silent "$(ask acme unknown 1)"
is 'one unusable list: the other answers' more "$(ask acme camera-1 1)"
is 'silence is counted' 1 "$(value '["counters"]["silent_list"]')"
like 'status says so' 'is not usable: reports of models' "$("$musterd" status --control "$control")"
stop
"$client" make "$tmp"
start --listen 127.0.0.1:$port --list "$tmp/dying.mlist" --list "$tmp/a.mlist" --mode enforce
is 'while it lives it answers unknown models' heard "$(ask acme unknown 1)"
sleep 4
is 'once it has expired it is silent for unknown models' silent "$(ask acme unknown 1)"
is 'the other list still answers' more "$(ask acme camera-1 1)"
stop
wait=1
start --listen 127.0.0.1:$port --list "$tmp/ending.mlist"
like 'ten days of life left are a warning' 'WARNING: list .*: 4 days of life left' \
    "$("$musterd" status --control "$control")"
like 'and are logged' 'ending.mlist: 4 days of life left; renew it' "$(cat "$log")"
stop
start --listen 127.0.0.1:$port
is 'monitor mode needs no list' heard "$(ask acme camera-1 1)"
stop

# An authority's service.

rm -f "$tmp"/standings/*
cp "$tmp"/{good,old,revoked,expired}.standing "$tmp/standings/"
start --listen 127.0.0.1:$port --inquiries --standing "$tmp/standings"
is 'an inquiry is answered' good "$(c inquire "$(cat "$tmp/signer.hex")")"
is 'the newest word counts, expired or not' revoked "$(c inquire "$(cat "$tmp/other.hex")")"
is 'a key without a standing gets an empty answer' heard "$(c inquire "$(printf '%064d' 7)")"
is 'inquiries are counted' '2 1' \
    "$(value '["counters"]["inquired"]') $(value '["counters"]["inquired_unknown"]')"
cp "$tmp/suspended.standing" "$tmp/standings/"
becomes 'a new standing is found' 5 '["standings"].__len__()'
is 'and is the answer' suspended "$(c inquire "$(cat "$tmp/signer.hex")")"
stop

# What the operator's own tool makes.

muster() { "$bin/muster" "$@" 2>&1; }
source=$here/../../examples/list
if [ -x "$bin/muster" ] && [ -d "$source" ]; then
    cd "$tmp" || exit 1
    muster key new isp.key >/dev/null </dev/null && muster key new authority.key >/dev/null </dev/null &&
        muster sign "$source" --key isp.key -o isp.mlist --first --enforce-after 0 >/dev/null &&
        muster standing --key authority.key --signer isp.key.pub --name 'Example ISP' --level good \
            --vendor hikvision -o isp.standing >/dev/null &&
        muster anchor new -o isp.anchor --name 'Example Authority' --key authority.key.pub >/dev/null
    result 'muster makes keys, a list, a standing and an anchor' $?
    cd - >/dev/null || exit 1
    printf '[lists]\nsigner = %s\n' "$tmp/isp.key.pub" >"$tmp/isp.ini"
    start --config "$tmp/isp.ini" --listen 127.0.0.1:$port --list "$tmp/isp.mlist" --mode enforce \
        --standing "$tmp/isp.standing"
    is 'its list and standing are served' 'advisory good' \
        "$(ask --pad hikvision ds-2cd2042wd-i 'V5.4.5 build 170124')"
    ends 0 ': healthy' 'and are healthy under its anchor' health --addr 127.0.0.1:$port --anchor "$tmp/isp.anchor"
    muster ask 127.0.0.1:$port hikvision ds-2cd2042wd-i 'V5.4.5 build 170124' --anchor "$tmp/isp.anchor" >"$tmp/asked"
    is 'muster ask finds the build listed' 1 $?
    muster ask 127.0.0.1:$port hikvision ds-2cd2042wd-i 'V5.5.800 build 210628' >"$tmp/asked"
    is 'muster ask finds the fixed build fit' 0 $?
    stop
else
    echo "# no $bin/muster or $source: not tried with the tool"
fi

# Addresses. A second namespace asks over a wire; the anycast addresses are on lo.

unshare -n sleep 300 &
outside=$!
for _ in $(seq 50); do
    [ "$(readlink "/proc/$outside/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
    sleep 0.05
done
outside_ip() { nsenter -t $outside -n ip "$@"; }
ip link add wire type veth peer name wire netns $outside
ip addr add 198.51.100.1/24 dev wire
ip addr add 2001:db8::1/64 dev wire nodad
ip link set wire up
ip addr add 192.0.0.68/32 dev lo
ip addr add 192.0.0.69/32 dev lo
ip addr add 2001:1::68/128 dev lo nodad
outside_ip addr add 198.51.100.2/24 dev wire
outside_ip addr add 2001:db8::2/64 dev wire nodad
outside_ip link set wire up
outside_ip route add 192.0.0.0/24 via 198.51.100.1
outside_ip route add 2001:1::/64 via 2001:db8::1
sleep 0.5
from_outside() { nsenter -t $outside -n "$client" --port $port --to "$1" ask --pad acme "$2" 1; }

start --listen "*:$port" --list "$tmp/a.mlist" --mode enforce
for to in 127.0.0.1 127.0.0.2 127.5.6.7 ::1 192.0.0.68 2001:1::68; do
    is "wildcard: the answer comes from $to" heard "$(c --to $to ask acme unknown 1)"
done
for to in 192.0.0.68 192.0.0.69 198.51.100.1 2001:1::68 2001:db8::1; do
    is "over the wire: the answer comes from $to" heard "$(from_outside $to unknown)"
done
is 'over the wire: records' advisory "$(from_outside 2001:1::68 camera-1)"
at_outside() { nsenter -t $outside -n "$client" --port $port --to 192.0.0.68 --musterd "$musterd" --control "$control" "$@"; }
passes 'port 6878, broadcast and multicast are counted and not answered' at_outside martians
outside_ip addr add 203.0.113.9/32 dev lo
passes 'replies without a way back are counted and hold up no other' at_outside mixed 203.0.113.9
stop
start --listen 192.0.0.68:$port --listen "[2001:1::68]:$port" --listen 127.0.0.3:$port
is 'several addresses: IPv4' heard "$(from_outside 192.0.0.68 unknown)"
is 'several addresses: IPv6' heard "$(from_outside 2001:1::68 unknown)"
is 'several addresses: loopback' heard "$(c --to 127.0.0.3 ask acme unknown 1)"
wait=0.3
is 'an address not listened on is silent' silent "$(c --timeout 0.3 --to 127.0.0.4 ask acme unknown 1)"
stop

echo "1..$number"
[ $failed = 0 ]
