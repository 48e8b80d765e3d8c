# SPDX-License-Identifier: ISC
"""Muster's pure rules in Python, written from the protocol text and from nothing else.

It is the cross-check of the C library and the source of the test vectors: strict codec, records,
natural order, ranges and the floor of time. It never opens a socket and never reads a clock.
The judge and the device's memory are in device.py.
"""

import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DAY_S = 86400
DATAGRAM_MAX = 1232
INQUIRY_LEN = 384
ADVISORY_MAX = 600
STANDING_MAX = 300
NESTING_MAX = 5
TIME_END = 1 << 53
ADVISORY_LIFE_S = 40 * DAY_S
STANDING_LIFE_S = 14 * DAY_S
FLOOR_STEP_S = 400 * DAY_S
FLAG_MORE = 1
FLAG_NOTICE = 2
ALG_ED25519 = -19
TYP = {
    "advisory": "application/muster-advisory+cose",
    "standing": "application/muster-standing+cose",
}
REVOKED, SUSPENDED, GOOD = 0, 1, 2
PRE_RELEASE = (b"dev", b"snapshot", b"alpha", b"beta", b"pre", b"preview", b"rc")


class Malformed(Exception):
    """The bytes break a line of the grammar; the text says which, for people only."""


def need(condition, why):
    if not condition:
        raise Malformed(why)


# ---------------------------------------------------------------- CBOR, out


@dataclass(frozen=True)
class Raw:
    """Bytes that encode() copies as they are: how the vectors break the encoding on purpose."""

    data: bytes


@dataclass(frozen=True)
class Tag:
    number: int
    value: object


def head(major, argument):
    """The shortest head of RFC 8949 section 3 for this major type and argument."""
    top = major << 5
    if argument < 24:
        return bytes([top | argument])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * size):
            return bytes([top | info]) + argument.to_bytes(size, "big")
    raise ValueError("argument needs a bignum")


def encode(value):
    """The core deterministic encoding; a dict keeps its order, which the caller has to sort."""
    if isinstance(value, Raw):
        return value.data
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode("utf-8")
        return head(3, len(text)) + text
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        pairs = b"".join(encode(k) + encode(v) for k, v in value.items())
        return head(5, len(value)) + pairs
    if isinstance(value, Tag):
        return head(6, value.number) + encode(value.value)
    raise TypeError(type(value))


# ----------------------------------------------------------------- CBOR, in


class Cursor:
    """Reads one strict item after another; every refusal is a Malformed."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def take(self, size):
        need(size <= self.left(), "cut short")
        self.at += size
        return self.data[self.at - size : self.at]

    def head(self):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if info < 24:
            return major, info
        need(info <= 27, "indefinite length or reserved head")
        size = 1 << (info - 24)
        argument = int.from_bytes(self.take(size), "big")
        least = 24 if size == 1 else 1 << (4 * size)
        need(argument >= least, "not the shortest head")
        return major, argument

    def item(self, depth):
        major, argument = self.head()
        need(major != 7, "float or simple value")
        if major < 2:
            return argument if major == 0 else -1 - argument
        if major < 4:
            return self.string(major, argument)
        need(depth < NESTING_MAX, "nested too deep")
        if major == 4:
            need(argument <= self.left(), "more items than bytes")
            return [self.item(depth + 1) for _ in range(argument)]
        if major == 5:
            return self.map(argument, depth)
        need(argument == 18, "a tag other than 18")
        return Tag(18, self.item(depth + 1))

    def string(self, major, size):
        data = self.take(size)
        if major == 2:
            return data
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("text that is not UTF-8") from None

    def map(self, count, depth):
        need(2 * count <= self.left(), "more items than bytes")
        result, last = {}, b""
        for _ in range(count):
            start = self.at
            key = self.item(depth + 1)
            raw = self.data[start : self.at]
            need(raw > last, "keys unsorted or twice")
            need(isinstance(key, (int, bytes, str)), "a key that is no key")
            last, result[key] = raw, self.item(depth + 1)
        return result


def decode(data):
    """The one strict item that data consists of."""
    cursor = Cursor(data)
    value = cursor.item(0)
    need(cursor.left() == 0, "trailing bytes")
    return value


# -------------------------------------------------------------- field checks


def array(value, size):
    need(isinstance(value, list) and len(value) == size, f"not an array of {size}")
    return value


def several(value, low, high):
    need(isinstance(value, list) and low <= len(value) <= high, f"not {low} to {high} items")
    return value


def uint(value, end=1 << 64):
    need(isinstance(value, int) and 0 <= value < end, "not a uint in range")
    return value


def when(value):
    return uint(value, TIME_END)


def bstr(value, size=None):
    need(isinstance(value, bytes) and size in (None, len(value)), "not a byte string of that size")
    return value


def text(value, low, high, allowed=r"[\x20-\x7e]"):
    need(isinstance(value, str) and low <= len(value) <= high, "not a text of that size")
    need(re.fullmatch(f"{allowed}*", value) is not None, "a character that is not allowed")
    return value


def word(value):
    """The grammar of vendor and model."""
    return text(value, 1, 64, r"[a-z0-9._+\-]")


def build_text(value):
    return text(value, 1, 64)


# ----------------------------------------------------------------- datagrams


def message(data, kind, size):
    need(len(data) <= DATAGRAM_MAX, "longer than a datagram")
    fields = array(decode(data), size)
    need(fields[0] == kind and isinstance(fields[0], int), "another message")
    return fields


def parse_report(data):
    _, nonce, event, vendor, model, build, number, padding = message(data, 1, 8)
    return {
        "nonce": bstr(nonce, 16),
        "event": uint(event, 4),
        "vendor": word(vendor),
        "model": word(model),
        "build": build_text(build),
        "number": uint(number),
        "padding_len": len(bstr(padding)),
    }


def parse_inquiry(data):
    need(len(data) == INQUIRY_LEN, "not 384 bytes")
    _, nonce, key, padding = message(data, 2, 4)
    bstr(padding)
    return {"nonce": bstr(nonce, 16), "key": bstr(key, 32)}


def parse_reply(data):
    _, nonce, flags, records = message(data, 3, 4)
    uint(flags, 4)
    several(records, 0, 4)
    need(not (flags & FLAG_MORE and records), "more with records")
    return {"nonce": bstr(nonce, 16), "flags": flags, "records": [bstr(r) for r in records]}


# ------------------------------------------------------------- natural order


def runs(build):
    """The runs of a build after all of the protocol's steps, each digits or a lower-case word."""
    found = re.findall(rb"[0-9]+|[A-Za-z]+", build.encode("ascii"))
    found = [run.lower() for run in found]
    if len(found) > 1 and found[0] == b"v" and found[1].isdigit():
        del found[0]
    return without_idle_zeros(found)


def without_idle_zeros(found):
    kept, digits_follow = [], False
    for run in reversed(found):
        zero = run.isdigit() and int(run) == 0
        if not zero:
            digits_follow = run.isdigit()
        if not zero or digits_follow:
            kept.append(run)
    return kept[::-1]


def rank(run):
    if run in PRE_RELEASE:
        return (0, PRE_RELEASE.index(run))
    if run.isdigit():
        return (3, int(run))
    return (2, run)


def order_key(build):
    return [rank(run) for run in runs(build)] + [(1,)]


def order(a, b):
    """-1, 0 or 1: natural order of two builds."""
    left, right = order_key(a), order_key(b)
    return (left > right) - (left < right)


# -------------------------------------------------------------------- ranges


def alike(a, b):
    """Whether two builds with runs begin alike: both with digits, or with the same word."""
    first, second = runs(a)[0], runs(b)[0]
    return first == second or (first.isdigit() and second.isdigit())


def parse_range(item):
    need(isinstance(item, list) and item, "a range is an array")
    kind = uint(item[0], 3)
    if kind == 0:
        return (0, build_text(array(item, 2)[1]))
    if kind == 1:
        return parse_span(array(item, 4))
    low, high = map(uint, array(item, 3)[1:])
    need(low <= high, "reversed numbers")
    return (2, low, high)


def parse_span(item):
    low, high, bounds = text(item[1], 0, 64), text(item[2], 0, 64), uint(item[3], 4)
    for bound in (low, high):
        need(not bound or runs(bound), "a bound without runs")
    if low and high:
        need(alike(low, high), "bounds of unlike kind")
        sign = order(low, high)
        need(sign <= 0, "reversed")
        need(sign < 0 or bounds == 2, "empty")
    return (1, low, high, bounds)


def covers(span, build, number):
    """Whether a parsed range covers this build."""
    if span[0] == 0:
        return span[1] == build
    if span[0] == 2:
        return number != 0 and span[1] <= number <= span[2]
    _, low, high, bounds = span
    if not runs(build) or not all(alike(build, b) for b in (low, high) if b):
        return False
    above = not low or order(build, low) >= (bounds & 1)
    below = not high or order(build, high) < (1 if bounds & 2 else 0)
    return above and below


# ------------------------------------------------------------------- records


@dataclass(frozen=True)
class Defect:
    id: str
    reason: int
    enforce_from: int
    fixed_in: str
    url: str
    ranges: tuple

    def covers(self, build, number):
        return any(covers(span, build, number) for span in self.ranges)


@dataclass(frozen=True)
class Advisory:
    key: bytes
    vendor: str
    model: str
    issued: int
    expires: int
    defects: tuple


@dataclass(frozen=True)
class Standing:
    key: bytes
    signer: bytes
    name: str
    level: int
    issued: int
    expires: int
    floor: int
    vendors: tuple


def protected_header(kind, key):
    return encode({1: ALG_ED25519, 4: key, 16: TYP[kind]})


def open_cose(data):
    """Kind, key, payload and signature of a COSE_Sign1 whose header is exact, byte for byte."""
    tag = decode(data)
    need(isinstance(tag, Tag), "not tagged")
    protected, unprotected, payload, signature = array(tag.value, 4)
    need(unprotected == {} and isinstance(unprotected, dict), "an unprotected header")
    header = decode(bstr(protected))
    need(isinstance(header, dict), "no header map")
    key, typ = bstr(header.get(4), 32), header.get(16)
    kind = next((k for k, name in TYP.items() if name == typ), None)
    need(kind is not None and protected == protected_header(kind, key), "another header")
    return kind, key, bstr(payload), bstr(signature, 64)


def parse_life(issued, expires, longest):
    need(when(issued) < when(expires) <= issued + longest, "a life that is empty or too long")


def parse_defect(item):
    ident, reason, enforce_from, fixed_in, url, ranges = array(item, 6)
    text(url, 0, 96)
    need(url == "" or re.fullmatch("https://.+", url) is not None, "not an https url")
    return Defect(
        text(ident, 1, 32),
        reason if 1 <= uint(reason) <= 5 else 6,
        when(enforce_from),
        text(fixed_in, 0, 64),
        url,
        tuple(parse_range(item) for item in several(ranges, 1, 8)),
    )


def parse_advisory(key, item):
    vendor, model, issued, expires, defects = array(item, 5)
    parse_life(issued, expires, ADVISORY_LIFE_S)
    defects = tuple(parse_defect(d) for d in several(defects, 0, 4))
    return Advisory(key, word(vendor), word(model), issued, expires, defects)


def parse_standing(key, item):
    signer, name, level, issued, expires, floor, vendors = array(item, 7)
    parse_life(issued, expires, STANDING_LIFE_S)
    need(when(floor) <= issued, "a floor above issued")
    vendors = tuple(word(v) for v in several(vendors, 0, 2))
    return Standing(
        key, bstr(signer, 32), text(name, 1, 32), uint(level, 3), issued, expires, floor, vendors
    )


def parse_record(data):
    """The Advisory or Standing in a record; its signature is not looked at."""
    need(len(data) <= ADVISORY_MAX, "longer than a record")
    kind, key, payload, _ = open_cose(data)
    need(kind == "advisory" or len(data) <= STANDING_MAX, "longer than a standing")
    parse = parse_advisory if kind == "advisory" else parse_standing
    return parse(key, decode(payload))


# ---------------------------------------------------------------- signatures

FIELD = (1 << 255) - 19
GROUP = (1 << 252) + 27742317777372353535851937790883648493
SMALL_ORDER_Y = frozenset(
    int.from_bytes(bytes.fromhex(y), "little")
    for y in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
) | {0, 1, FIELD - 1}


def point_refused(encoded):
    """Whether the encoding of a point is of small order, or not the canonical one."""
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    return y >= FIELD or y in SMALL_ORDER_Y


def to_be_signed(protected, payload):
    return encode(["Signature1", protected, b"", payload])


def verify(data):
    """Whether a well-formed record's signature is in the accept set under the key it names."""
    kind, key, payload, signature = open_cose(data)
    if point_refused(key) or point_refused(signature[:32]):
        return False
    if int.from_bytes(signature[32:], "little") >= GROUP:
        return False
    try:
        signed = to_be_signed(protected_header(kind, key), payload)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key(seed):
    pair = Ed25519PrivateKey.from_private_bytes(seed)
    return pair.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(seed, protected, payload):
    signed = to_be_signed(protected, payload)
    return Ed25519PrivateKey.from_private_bytes(seed).sign(signed)


def seal(seed, kind, payload):
    """A record: this payload (a CBOR value) signed with this seed."""
    protected, body = protected_header(kind, public_key(seed)), encode(payload)
    return encode(Tag(18, [protected, {}, body, sign(seed, protected, body)]))


# ---------------------------------------------------------------------- time


@dataclass
class Time:
    """The floor of time (R9): what a device believes the hour to be; its first start is one too."""

    firmware_time: int
    quorum: int
    n_authorities: int
    clock: int = 0
    synced: bool = False
    running_s: int = 0
    starts: int = 0
    floor: int = 0
    mark: int = 0
    mark_running: int = 0
    newest: list = field(default_factory=list)

    def __post_init__(self):
        self.floor = self.firmware_time
        self.newest = [0] * self.n_authorities

    def aged(self):
        return self.running_s + DAY_S * self.starts

    def now(self):
        return max(self.clock, self.floor + self.aged() - self.mark)

    def sure(self):
        """The least that the hour can be: starts are not counted."""
        return self.floor + self.running_s - self.mark_running

    def run(self, seconds):
        self.running_s += seconds
        self.clock += seconds

    def start(self):
        self.starts += 1

    def set_clock(self, now, synced):
        self.clock, self.synced = now, synced

    def standings(self, proven):
        """Notes the (authority, issued) proven in one arrival and lets the floor rise."""
        for authority, issued in proven:
            self.newest[authority] = max(self.newest[authority], issued)
        if sum(issued > 0 for issued in self.newest) >= self.quorum:
            self.rise(sorted(self.newest, reverse=True)[self.quorum - 1])

    def rise(self, target):
        fresh = target + STANDING_LIFE_S > self.sure()
        if not fresh or self.aged() - self.mark < DAY_S:
            return
        target = min(target, self.sure() + FLOOR_STEP_S)
        if self.synced:
            target = min(target, self.clock + DAY_S)
        if target > self.floor:
            self.floor, self.mark, self.mark_running = target, self.aged(), self.running_s
