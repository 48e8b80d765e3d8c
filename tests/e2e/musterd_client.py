#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""An independent other side for musterd.sh: makes keys, lists and standings, and talks to a musterd, with
cbor2 and cryptography and nothing of Muster's own code."""

import argparse
import hashlib
import json
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import time

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DAY = 86400
MAX = 1232
PORT = 6878
ADVISORY, STANDING = "application/muster-advisory+cose", "application/muster-standing+cose"
EVERY = [1, "", "", 0]


def encode(item):
    return cbor2.dumps(item, canonical=True)


class Key:
    """A key from a word, so that every run has the same ones."""

    def __init__(self, word):
        self.secret = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def record(self, typ, payload):
        protected, payload = encode({1: -19, 4: self.public, 16: typ}), encode(payload)
        signature = self.secret.sign(encode(["Signature1", protected, b"", payload]))
        return encode(cbor2.CBORTag(18, [protected, {}, payload, signature]))

    def advisory(self, vendor, model, issued, expires, ranges=None, enforce_from=None, ident="CVE-2021-36260"):
        enforce_from = issued if enforce_from is None else enforce_from
        defect = [ident, 1, enforce_from, "V5.5.800 build 210628", "https://example.net/fix", ranges or [EVERY]]
        return self.record(ADVISORY, [vendor, model, issued, expires, [defect]])

    def standing(self, signer, level, issued, expires, name="Example Networks", floor=0):
        return self.record(STANDING, [signer.public, name, level, issued, expires, floor, []])


# The list file (doc/list-format.md).

ODD, MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1


def list_hash(seed, key):
    h = ((seed ^ len(key)) * ODD) & MASK
    whole = len(key) // 8 * 8
    for i in range(0, whole, 8):
        h = ((h ^ int.from_bytes(key[i:i + 8], "little")) * ODD) & MASK
        h ^= h >> 29
    for byte in key[whole:]:
        h = ((h ^ byte) * ODD) & MASK
    h = ((h ^ h >> 32) * ODD) & MASK
    return h ^ h >> 29


def digest(data):
    return hashlib.sha512(data).digest()[:32]


def internet_sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def build_list(key, models, issued, expires):
    """models: {(vendor, model): record}"""
    entries, places = b"", []
    for (vendor, model), record in models.items():
        name_key = encode(vendor) + encode(model)
        places.append((name_key, len(entries)))
        entry = struct.pack("<HHHH", len(name_key), len(record), internet_sum(record), 0) + name_key + record
        entries += entry + b"\0" * (-len(entry) % 8)
    slots_n = 2
    while slots_n <= 2 * len(models):
        slots_n *= 2
    slots, probes_max = [b"\0" * 8] * slots_n, 0
    for name_key, place in places:
        h, probe = list_hash(7, name_key), 0
        while slots[(h + probe) % slots_n] != b"\0" * 8:
            probe += 1
        slots[(h + probe) % slots_n] = struct.pack("<II", h >> 32, place // 8 + 1)
        probes_max = max(probes_max, probe)
    body = b"".join(slots) + entries
    digests = b"".join(digest(body[at : at + 65536]) for at in range(0, len(body), 65536))
    head = b"\x89MLIST\r\n" + struct.pack("<IIQQQQIIIIQ", 1, 1024, 1024 + len(body) + len(digests), issued, expires,
                                          7, len(models), slots_n, probes_max, 0, len(entries))
    head += digest(digests) + key.public
    head += b"\0" * (192 - len(head))
    return head + key.secret.sign(b"muster list 1\n" + head) + b"\0" * 768 + body + digests


def make_list(key, issued, days, names, test_models=("always-fail",)):
    expires = issued + days * DAY
    models = {("muster.test", m): key.advisory("muster.test", m, issued, expires, ident="TEST") for m in test_models}
    for vendor, model, ranges in names:
        models[(vendor, model)] = key.advisory(vendor, model, issued, expires, ranges)
    return build_list(key, models, issued, expires)


HIKVISION = ("hikvision", "ds-2cd2042wd-i", [[1, "", "V5.5.800 build 210628", 0]])


def make(directory):
    d, now = pathlib.Path(directory), int(time.time())
    signer, other, authority, second = Key("signer"), Key("other"), Key("authority"), Key("second")
    many = [("acme", f"camera-{i}", None) for i in range(500)]
    good = make_list(signer, now - 60, 30, [HIKVISION] + many)
    files = {
        "good.mlist": good,
        "older.mlist": make_list(signer, now - 120, 30, [HIKVISION]),
        "newer.mlist": make_list(signer, now, 30, [HIKVISION, ("acme", "new", None)] + many),
        "other-new.mlist": make_list(signer, now, 30, [HIKVISION, ("acme", "other", None)] + many),
        "other.mlist": make_list(other, now, 30, [("acme", "camera-1", [[0, "other"]]), ("acme", "only", None)]),
        "never.mlist": make_list(signer, now, 30, [HIKVISION], ("always-fail", "never-fail")),
        "expired.mlist": make_list(signer, now - 31 * DAY, 30, [HIKVISION]),
        "ending.mlist": make_list(signer, now - 25 * DAY, 30, [HIKVISION]),
        "dying.mlist": make_list(signer, now - 30 * DAY + 4, 30, [HIKVISION]),
        "flipped.mlist": good[:9000] + bytes([good[9000] ^ 1]) + good[9001:],
        "cut.mlist": good[:2000],
        "good.standing": authority.standing(signer, 2, now - 50, now + 10 * DAY),
        "old.standing": authority.standing(signer, 2, now - 3 * DAY, now + 11 * DAY),
        "second.standing": second.standing(signer, 2, now - 10, now + 12 * DAY),
        "expired.standing": Key("third").standing(signer, 2, now - 14 * DAY, now - 1),
        "revoked.standing": authority.standing(other, 0, now - 13 * DAY, now - 12 * DAY),
        "suspended.standing": authority.standing(signer, 1, now - 5, now + 10 * DAY),
    }
    files["forged.standing"] = files["good.standing"][:-1] + bytes([files["good.standing"][-1] ^ 1])
    for name, content in files.items():
        (d / name).write_bytes(content)
    (d / "authority.anchor").write_text(f"[authority]\nname = Example Authority\nkey = {authority.public.hex()}\n")
    (d / "second.anchor").write_text(f"[authority]\nname = Nobody Here\nkey = {Key('nobody').public.hex()}\n")
    for name in ("signer", "other", "authority"):
        (d / f"{name}.hex").write_text(Key(name).public.hex())


# The wire.


def report(vendor, model, build, nonce=None, event=0, number=0, padding=b"", pad=False):
    nonce = nonce or os.urandom(16)
    plain = [1, nonce, event, vendor, model, build, number, padding]
    if pad:
        plain[7] = b"\0" * (MAX - len(encode(plain)) - 2)
    return encode(plain)


def inquiry(key, nonce=None, length=384):
    plain = [2, nonce or os.urandom(16), key, b""]
    plain[3] = b"\0" * (length - len(encode(plain)) - 2)
    return encode(plain)


def connect(to, port, source=None, source_port=0):
    family = socket.AF_INET6 if ":" in to else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM)
    if source or source_port:
        s.bind((source or ("::" if family == socket.AF_INET6 else "0.0.0.0"), source_port))
    s.connect((to, port))  # so an answer from any other address is lost
    return s


def exchange(s, datagram, timeout):
    s.send(datagram)
    s.settimeout(timeout)
    try:
        return s.recv(2048)
    except (TimeoutError, ConnectionRefusedError):
        return None


def check_reply(request, reply):
    """Parses the reply and holds it against the rules; returns (flags, records)."""
    kind, nonce, flags, records = cbor2.loads(reply)
    assert encode([kind, nonce, flags, records]) == reply, "not deterministic"
    assert kind == 3 and nonce == cbor2.loads(request)[1], "not the answer to this"
    assert len(reply) <= len(request), "louder than asked"
    assert flags in (0, 1, 2, 3) and len(records) <= 4 and not (flags & 1 and records)
    return flags, records


def verify(record):
    """(typ, key, payload) of a record whose signature verifies over a Sig_structure built here."""
    tag = cbor2.loads(record)
    protected, unprotected, payload, signature = tag.value
    header = cbor2.loads(protected)
    assert tag.tag == 18 and unprotected == {} and header[1] == -19 and set(header) == {1, 4, 16}
    Ed25519PublicKey.from_public_bytes(header[4]).verify(
        signature, cbor2.dumps(["Signature1", protected, b"", payload]))
    return header[16], header[4], cbor2.loads(payload)


def describe(request, reply):
    if reply is None:
        return "silent"
    flags, records = check_reply(request, reply)
    if flags & 1:
        return "more"
    if not records:
        return "heard"
    what = []
    for record in records:
        typ, _, payload = verify(record)
        what.append("advisory" if typ == ADVISORY else ("revoked", "suspended", "good")[payload[2]])
    return " ".join(what) + (" notice-only" if flags & 2 else "")


def ask(args):
    request = report(args.vendor, args.model, args.build, pad=args.pad)
    s = connect(args.to, args.port, args.source, args.source_port)
    print(describe(request, exchange(s, request, args.timeout)))


def inquire(args):
    request = inquiry(bytes.fromhex(args.key))
    print(describe(request, exchange(connect(args.to, args.port), request, args.timeout)))


def counters(args):
    text = subprocess.run([args.musterd, "status", "--json", "--control", args.control], check=True,
                          capture_output=True).stdout
    return json.loads(text)["counters"]


def legal_and_illegal():
    """(expected counter, name, datagram, answered?)"""
    nonce = bytes(range(16))
    plain = [1, nonce, 0, "acme", "camera-1", "1.0", 0, b""]

    def changed(at, value):
        return encode(plain[:at] + [value] + plain[at + 1:])

    legal = encode(plain)
    long_report = report("acme", "camera-1", "1.0", pad=True)
    return [
        ("heard", "unknown model", changed(4, "unknown"), True),
        ("asked_more", "listed, small", legal, True),
        ("listed", "listed, padded", long_report, True),
        ("listed", "event 3, largest number", report("acme", "camera-1", "~", event=3, number=2**64 - 1, pad=True), True),
        ("tested", "muster.test", report("muster.test", "always-fail", "1", pad=True), True),
        ("heard", "longest names", report("a" * 64, "b" * 64, " " * 64), True),
        ("drop_size", "empty", b"", False),
        ("drop_size", "1233 bytes", long_report + b"\0", False),
        ("drop_size", "60000 bytes", b"\x88\x01" + b"\0" * 59998, False),
        ("drop_encoding", "one byte", b"\x88", False),
        ("drop_encoding", "trailing byte", legal + b"\0", False),
        ("drop_encoding", "cut short", legal[:-1], False),
        ("drop_encoding", "event not shortest", legal.replace(nonce + b"\0", nonce + b"\x18\0"), False),
        ("drop_encoding", "indefinite array", b"\x9f" + legal[1:] + b"\xff", False),
        ("drop_encoding", "indefinite padding", legal[:-1] + b"\x5f\xff", False),
        ("drop_encoding", "bytes of 2^64 - 1", legal[:-1] + b"\x5b" + b"\xff" * 8, False),
        ("drop_shape", "nesting", b"\x81" * 1000, False),
        ("drop_shape", "seven elements", encode(plain[:7]), False),
        ("drop_shape", "type 4", changed(0, 4), False),
        ("drop_shape", "map", encode({1: 2}), False),
        ("drop_shape", "padding is text", changed(7, ""), False),
        ("drop_shape", "negative event", changed(2, -1), False),
        ("drop_limit", "event 4", changed(2, 4), False),
        ("drop_limit", "nonce of 15", changed(1, nonce[:15]), False),
        ("drop_limit", "capital in vendor", changed(3, "Acme"), False),
        ("drop_limit", "model of 65", changed(4, "m" * 65), False),
        ("drop_limit", "no vendor", changed(3, ""), False),
        ("drop_limit", "NUL in build", changed(5, "1\0"), False),
        ("drop_limit", "escape in build", changed(5, "\x1b[2J"), False),
        ("drop_reply", "heard", encode([3, nonce, 0, []]), False),
        ("drop_reply", "junk after the type", b"\x84\x03\xff", False),
        ("drop_inquiry", "inquiry", inquiry(b"k" * 32), False),
    ]


def classes(args):
    s, bad = connect(args.to, args.port), 0
    before = counters(args)
    for counter, name, datagram, answered in legal_and_illegal():
        reply = exchange(s, datagram, args.timeout if answered else 0.05)
        if reply is not None:
            check_reply(datagram, reply)
        after = counters(args)
        moved = [c for c in after if after[c] != before[c] and c != "covered"]
        if moved != [counter] or after[counter] != before[counter] + 1 or (reply is not None) != answered:
            print(f"{name}: counted as {moved}, wanted {counter}; {'answered' if reply else 'silent'}")
            bad += 1
        before = after
    sys.exit(bad > 0)


def martians(args):
    """From port 6878, and to broadcast addresses and multicast groups of both families, over `wire`."""
    before, datagram = counters(args), report("acme", "unknown", "1")
    targets = [(args.to, PORT), ("198.51.100.255", 0), ("255.255.255.255", 0), ("224.0.0.1", 0), ("ff02::1%wire", 0)]
    for to, source_port in targets:
        family = socket.AF_INET6 if ":" in to else socket.AF_INET
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"wire")
        if source_port:
            s.bind(("", source_port))
        s.sendto(datagram, socket.getaddrinfo(to, args.port, family)[0][4])
        assert not select.select([s], [], [], 0.1)[0], f"{to} answered"
    after = counters(args)
    if after["drop_address"] != before["drop_address"] + len(targets):
        sys.exit(f"sent {len(targets)}, counted {after['drop_address'] - before['drop_address']}")


def mixed(args):
    """Reports from an address that has no way back among others: those others must all be answered."""
    before, rounds = counters(args), 64
    lost, s = connect(args.to, args.port, args.lost), connect(args.to, args.port)
    for _ in range(rounds):
        lost.send(report("acme", "unknown", "1"))
        s.send(report("acme", "unknown", "1"))
    s.settimeout(args.timeout)
    for _ in range(rounds):
        s.recv(2048)
    after = counters(args)
    if after["send_errors"] != before["send_errors"] + rounds:
        sys.exit(f"{after['send_errors'] - before['send_errors']} send errors of {rounds}")


def sweep(args):
    """Datagrams of every length 1..1500, legal where that is possible: no reply may be longer."""
    s = connect(args.to, args.port)
    answers = 0
    for length in range(1, 1501):
        datagram = report("acme", "camera-1", "1.0")
        for head in (1, 2, 3):
            fill = length - len(datagram) + 1 - head
            if fill >= 0:
                attempt = report("acme", "camera-1", "1.0", padding=b"\0" * fill)
                if len(attempt) == length:
                    datagram = attempt
                    break
        datagram = datagram[:length] + b"\0" * (length - len(datagram))
        s.send(datagram)
        while select.select([s], [], [], 0.002)[0]:
            reply = s.recv(2048)
            answers += 1
            assert len(reply) <= length, f"{len(reply)} bytes for {length}"
    print(answers)
    sys.exit(answers < 1000)


def load(args):
    """Asks until `seconds` are over, at most 64 unanswered at once; every one must be answered."""
    s = connect(args.to, args.port)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.settimeout(2)
    end, asked, waiting = time.monotonic() + args.seconds, 0, set()
    while time.monotonic() < end or waiting:
        while len(waiting) < 64 and time.monotonic() < end:
            nonce = os.urandom(16)
            s.send(report("acme", f"camera-{asked % 500}", "1.0", nonce=nonce, pad=True))
            waiting.add(nonce)
            asked += 1
        try:
            reply = s.recv(2048)
        except TimeoutError:
            print(f"asked {asked}, lost {len(waiting)}")
            sys.exit(1)
        waiting.discard(reply[3:19])
    print(f"asked {asked}, lost 0")


def rate(args):
    """Replies a second to one client process: a measurement, not a test."""
    s = connect(args.to, args.port)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    datagram, got, start = report("acme", "unknown", "1.0"), 0, time.monotonic()
    s.setblocking(False)
    while time.monotonic() < start + args.seconds:
        try:
            for _ in range(64):
                s.send(datagram)
            for _ in range(64):
                s.recv(2048)
                got += 1
        except BlockingIOError:
            pass
    print(f"{got / args.seconds:.0f} replies/s")


def stuck(args):
    """Local clients that connect and say nothing, half a line, or too much, while others must be served."""
    held = []
    for i in range(40):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.settimeout(1)
        try:
            s.connect(args.control)
            s.send((b"", b"stat", b"x" * 500, b"status json\n")[i % 4])
        except OSError:
            pass
        held.append(s)
    counters(args)
    request = report("acme", "camera-1", "1.0")
    reply = exchange(connect(args.to, args.port), request, args.timeout)
    print(describe(request, reply))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--timeout", type=float, default=1)
    parser.add_argument("--musterd", default="build/bin/musterd")
    parser.add_argument("--control")
    verbs = parser.add_subparsers(required=True)
    for name, run in (("classes", classes), ("martians", martians), ("sweep", sweep), ("stuck", stuck)):
        verbs.add_parser(name).set_defaults(run=run)
    verb = verbs.add_parser("make")
    verb.add_argument("directory")
    verb.set_defaults(run=lambda args: make(args.directory))
    verb = verbs.add_parser("ask")
    for name in ("vendor", "model", "build"):
        verb.add_argument(name)
    verb.add_argument("--pad", action="store_true")
    verb.add_argument("--source")
    verb.add_argument("--source-port", type=int, default=0)
    verb.set_defaults(run=ask)
    verb = verbs.add_parser("mixed")
    verb.add_argument("lost")
    verb.set_defaults(run=mixed)
    verb = verbs.add_parser("inquire")
    verb.add_argument("key")
    verb.set_defaults(run=inquire)
    for name, run in (("load", load), ("rate", rate)):
        verb = verbs.add_parser(name)
        verb.add_argument("seconds", type=float)
        verb.set_defaults(run=run)
    args = parser.parse_args()
    try:
        args.run(args)
    except (AssertionError, InvalidSignature) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
