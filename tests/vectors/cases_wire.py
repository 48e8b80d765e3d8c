# SPDX-License-Identifier: ISC
"""The cases of reports, inquiries, replies and records.

Every case states its expectation by hand; generate.py asks the reference for it as well and
refuses to write when the two differ.
"""

import hashlib

import reference as ref
from reference import DAY_S, Raw, Tag, encode

BASE = 1767225600  # 2026-01-01T00:00:00Z
NONCE = bytes(range(0x10, 0x20))
VENDOR, MODEL, BUILD = "hikvision", "ds-2cd2042wd-i", "V5.4.5 build 170124"


def seed(name):
    return hashlib.sha256(f"muster test vectors: {name}".encode()).digest()


def key(name):
    return ref.public_key(seed(name))


SIGNER, SIGNER2 = seed("signer one"), seed("signer two")
ANCHOR = seed("authority one current")


def changed(values, **new):
    """A list of named fields with some replaced."""
    return [new.get(name, value) for name, value in values.items()]


def wide(value, size):
    """A uint head that is longer than it has to be."""
    return Raw(bytes([{1: 0x18, 2: 0x19, 4: 0x1A, 8: 0x1B}[size]]) + value.to_bytes(size, "big"))


def wide_string(value, size):
    major = 2 if isinstance(value, bytes) else 3
    data = value if major == 2 else value.encode()
    info = {1: 24, 2: 25, 4: 26, 8: 27}[size]
    return Raw(bytes([major << 5 | info]) + len(data).to_bytes(size, "big") + data)


# ------------------------------------------------------------------- reports

REPORT = {
    "kind": 1,
    "nonce": NONCE,
    "event": 0,
    "vendor": VENDOR,
    "model": MODEL,
    "build": BUILD,
    "number": 0,
    "padding": b"",
}


def report(**new):
    return encode(changed(REPORT, **new))


def padded(size, **new):
    """A report of exactly this size."""
    for n in range(size):
        data = report(padding=bytes(n), **new)
        if len(data) == size:
            return data
    raise ValueError(size)


def good_reports():
    full = dict(vendor="v" * 64, model="m" * 64, build="b" * 64, number=2**64 - 1)
    yield "typical", report()
    yield "shortest legal report, 28 bytes", report(vendor="a", model="b", build="c")
    yield "longest fields, no padding", report(**full)
    for event, name in enumerate(("attach", "periodic", "recheck", "manual")):
        yield f"event {event}, {name}", report(event=event)
    yield "every character of vendor and model", report(
        vendor="abcdefghijklmnopqrstuvwxyz0123456789._+-", model="-+_.9"
    )
    yield "every character of build, first half", report(build="".join(map(chr, range(32, 80))))
    yield "every character of build, second half", report(build="".join(map(chr, range(80, 127))))
    yield "build of one space", report(build=" ")
    for number in (23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53, 2**63, 2**64 - 1):
        yield f"number {number}", report(number=number)
    yield "nonce of zeros", report(nonce=bytes(16))
    yield "padding of one byte", report(padding=b"\xff")
    yield "padding of 23 bytes", report(padding=bytes(23))
    yield "padding of 24 bytes", report(padding=bytes(24))
    yield "padding of 256 bytes", report(padding=b"\xa5" * 256)
    yield "padded to 1232 bytes", padded(1232)
    yield "padding that looks like a reply", report(padding=encode([3, NONCE, 0, []]))


def bad_report_fields():
    yield "message type 0", dict(kind=0)
    yield "message type 2 with a report's fields", dict(kind=2)
    yield "message type 4", dict(kind=4)
    yield "message type negative", dict(kind=-1)
    yield "message type as text", dict(kind="1")
    yield "nonce of 15 bytes", dict(nonce=bytes(15))
    yield "nonce of 17 bytes", dict(nonce=bytes(17))
    yield "nonce empty", dict(nonce=b"")
    yield "nonce as text", dict(nonce="0123456789abcdef")
    yield "event 4", dict(event=4)
    yield "event 2^32", dict(event=2**32)
    yield "event negative", dict(event=-1)
    yield "event as text", dict(event="0")
    for name in ("vendor", "model"):
        yield f"{name} empty", {name: ""}
        yield f"{name} of 65 characters", {name: "a" * 65}
        yield f"{name} in capitals", {name: "Hikvision"}
        yield f"{name} with a space", {name: "a b"}
        yield f"{name} with a slash", {name: "a/b"}
        yield f"{name} with NUL", {name: "a\0"}
        yield f"{name} beyond ASCII", {name: "h\u00efk"}
        yield f"{name} as bytes", {name: b"hikvision"}
    yield "build empty", dict(build="")
    yield "build of 65 characters", dict(build="1" * 65)
    yield "build with NUL", dict(build="1.0\0")
    yield "build with newline", dict(build="1.0\n")
    yield "build with DEL", dict(build="1.0\x7f")
    yield "build with escape", dict(build="\x1b[2J")
    yield "build beyond ASCII", dict(build="1\u0660")
    yield "build with a right-to-left override", dict(build="\u202e1.0")
    yield "build as bytes", dict(build=b"1.0")
    yield "build that is not UTF-8", dict(build=Raw(b"\x63\x31\x2e\xff"))
    yield "build with overlong UTF-8", dict(build=Raw(b"\x62\xc0\xb1"))
    yield "number negative", dict(number=-1)
    yield "number as bignum", dict(number=Raw(b"\xc2\x49\x01" + bytes(8)))
    yield "number as float 1.0", dict(number=Raw(b"\xf9\x3c\x00"))
    yield "number as NaN", dict(number=Raw(b"\xf9\x7e\x00"))
    yield "number as double", dict(number=Raw(b"\xfb\x3f\xf0" + bytes(6)))
    yield "number null", dict(number=Raw(b"\xf6"))
    yield "number true", dict(number=Raw(b"\xf5"))
    yield "number undefined", dict(number=Raw(b"\xf7"))
    yield "number as simple value 32", dict(number=Raw(b"\xf8\x20"))
    yield "number as text", dict(number="7")
    yield "number as array", dict(number=[7])
    yield "number under a tag", dict(number=Raw(b"\xc1\x07"))
    yield "number under tag 18", dict(number=Tag(18, 7))
    yield "padding as text", dict(padding="")
    yield "padding as array", dict(padding=[])
    yield "padding null", dict(padding=Raw(b"\xf6"))
    yield "padding indefinite", dict(padding=Raw(b"\x5f\x41\x00\xff"))
    yield "number as map", dict(number={})


def not_shortest_reports():
    for size in (1, 2, 4, 8):
        yield f"type in {size} extra bytes", report(kind=wide(1, size))
        yield f"number 0 in {size} extra bytes", report(number=wide(0, size))
        yield f"event 3 in {size} extra bytes", report(event=wide(3, size))
    yield "number 23 in one extra byte", report(number=wide(23, 1))
    yield "number 255 in two bytes", report(number=wide(255, 2))
    yield "number 65535 in four bytes", report(number=wide(65535, 4))
    yield "number 2^32 - 1 in eight bytes", report(number=wide(2**32 - 1, 8))
    for size in (1, 2, 4, 8):
        yield f"nonce length in {size} bytes", report(nonce=wide_string(NONCE, size))
        yield f"vendor length in {size} bytes", report(vendor=wide_string("hik", size))
    yield "padding length 0 in one byte", report(padding=wide_string(b"", 1))
    body = report()[1:]
    yield "array length in one byte", b"\x98\x08" + body
    yield "array length in two bytes", b"\x99\x00\x08" + body
    yield "array length in four bytes", b"\x9a" + (8).to_bytes(4, "big") + body
    yield "array length in eight bytes", b"\x9b" + (8).to_bytes(8, "big") + body


def broken_reports():
    good = report()
    body = good[1:]
    yield "nothing", b""
    yield "one byte", b"\x88"
    yield "trailing zero byte", good + b"\0"
    yield "trailing break", good + b"\xff"
    yield "two reports in one datagram", good + good
    for cut in (1, 2, 3, 10, 20, 30, len(good) - 2):
        yield f"cut to {cut} bytes", good[:cut]
    yield "last byte missing", good[:-1]
    yield "array of 7", b"\x87" + body
    yield "array of 7, padding missing", b"\x87" + body[:-1]
    yield "array of 9", b"\x89" + body + b"\0"
    yield "array of 9, one missing", b"\x89" + body
    yield "indefinite array", b"\x9f" + body + b"\xff"
    yield "indefinite nonce", report(nonce=Raw(b"\x5f\x50" + NONCE + b"\xff"))
    yield "indefinite vendor", report(vendor=Raw(b"\x7f\x63hik\xff"))
    yield "a map instead of an array", b"\xa4" + body
    yield "under tag 18", b"\xd2" + good
    yield "under the tag of self-described CBOR", b"\xd9\xd9\xf7" + good
    yield "inside an array", b"\x81" + good
    yield "inside a byte string", encode(good)
    yield "reserved head 28", b"\x9c" + body
    yield "reserved head 30 as number", report(number=Raw(b"\x1e"))
    yield "break as number", report(number=Raw(b"\xff"))
    yield "padded to 1233 bytes", padded(1233)
    yield "count of 2^32 - 1 items", b"\x9a\xff\xff\xff\xff" + body
    yield "count of 2^64 - 1 items", b"\x9b" + b"\xff" * 8 + body
    yield "count of 2^61 items", b"\x9b\x20" + bytes(7) + body
    yield "padding of 2^64 - 1 bytes", report(padding=Raw(b"\x5b" + b"\xff" * 8))
    yield "padding of 2^32 - 1 bytes", report(padding=Raw(b"\x5a\xff\xff\xff\xff"))
    yield "padding of 2^63 bytes", report(padding=Raw(b"\x5b\x80" + bytes(7) + b"abc"))
    yield "vendor of 2^64 - 1 bytes", b"\x88\x01\x50" + NONCE + b"\0\x7b" + b"\xff" * 8 + b"hik"
    yield "nested arrays, 6 deep", b"\x81" * 6 + b"\0"
    yield "nested arrays, 1232 deep", b"\x81" * 1231 + b"\0"
    yield "nested tags, 1232 deep", b"\xd2" * 1231 + b"\0"
    yield "nested maps", b"\xa1\0" * 600 + b"\0"
    yield "nested arrays in place of padding", report(padding=Raw(b"\x81" * 500 + b"\x40"))
    yield "a JSON report", b'[1,"0123456789abcdef",0,"hik","m","1",0,""]'
    yield "a DNS query", bytes.fromhex("123401000001000000000000076578616d706c6503636f6d0000010001")
    yield "an inquiry", inquiry()
    yield "a reply", encode([3, NONCE, 0, []])
    yield "zeros", bytes(76)
    yield "ones", b"\xff" * 76


def message_cases(parse, good, bad):
    """What the reference says of the good ones, `malformed` for the bad."""
    cases = [{"name": name, "in": data, "expect": "ok", **parse(data)} for name, data in good]
    return cases + [{"name": name, "in": data, "expect": "malformed"} for name, data in bad]


def reports():
    bad = [(name, report(**new)) for name, new in bad_report_fields()]
    bad += [*not_shortest_reports(), *broken_reports()]
    return message_cases(ref.parse_report, good_reports(), bad)


# ----------------------------------------------------------------- inquiries


def inquiry(size=384, **new):
    fields = {"kind": 2, "nonce": NONCE, "key": key("signer one"), "padding": None}
    fields.update(new)
    if fields["padding"] is None:
        rest = len(encode(changed({**fields, "padding": b""}))) - 1
        fields["padding"] = next(
            bytes(n) for n in range(1300) if rest + len(encode(bytes(n))) == size
        )
    return encode(changed(fields))


def good_inquiries():
    yield "384 bytes", inquiry()
    yield "padding of ones", inquiry(padding=b"\xff" * 328)
    yield "key of zeros", inquiry(key=bytes(32))


def bad_inquiries():
    good = inquiry()
    yield "383 bytes", inquiry(383)
    yield "385 bytes", inquiry(385)
    yield "no padding", inquiry(padding=b"")
    yield "1232 bytes", inquiry(1232)
    yield "384 bytes with one trailing", inquiry(383) + b"\0"
    yield "cut in the padding", good[:-1]
    yield "nothing", b""
    yield "nonce of 15 bytes", inquiry(nonce=bytes(15))
    yield "nonce of 17 bytes", inquiry(nonce=bytes(17))
    yield "key of 31 bytes", inquiry(key=bytes(31))
    yield "key of 33 bytes", inquiry(key=bytes(33))
    yield "key as text", inquiry(key="k" * 32)
    yield "type 1", inquiry(kind=1)
    yield "type in two bytes", inquiry(kind=wide(2, 1))
    yield "padding as text", inquiry(padding="x" * 328)
    yield "padding length in four bytes", inquiry(padding=wide_string(bytes(326), 4))
    yield "array of 5", inquiry(383)[:0] + b"\x85" + inquiry(383)[1:] + b"\0"
    yield "array of 3", b"\x83" + good[1:]
    yield "indefinite array", b"\x9f" + inquiry(383)[1:] + b"\xff"
    yield "a report padded to 384 bytes", padded(384)
    yield "padding of 2^64 - 1 bytes", good[:53] + b"\x5b" + b"\xff" * 8 + bytes(322)


def inquiries():
    return message_cases(ref.parse_inquiry, good_inquiries(), bad_inquiries())


# ------------------------------------------------------------------- replies


def reply(**new):
    return encode(changed({"kind": 3, "nonce": NONCE, "flags": 0, "records": []}, **new))


def full_reply(extra=0):
    """The largest set that always fits: an advisory of 600 bytes and two standings of 300."""
    return reply(records=[bytes(600), bytes(300), bytes(300 + extra)])


def good_replies():
    yield "heard", reply()
    yield "more", reply(flags=1)
    yield "notice only, no records", reply(flags=2)
    yield "more and notice only", reply(flags=3)
    yield "one record, not looked into", reply(records=[b"\x01"])
    yield "an empty record, not looked into", reply(records=[b""])
    yield "four records", reply(records=[b"a", b"b", b"c", b"d"])
    yield "notice only with a record", reply(flags=2, records=[b"a"])
    yield "the same record twice", reply(records=[b"a", b"a"])
    yield "advisory and standing", reply(records=[advisory(), standing()])
    yield "600 + 300 + 300 bytes of records: 1230 bytes", full_reply()
    yield "1232 bytes", full_reply(2)
    yield "a record of 601 bytes, not looked into", reply(records=[bytes(601)])


def bad_replies():
    good = reply()
    yield "nothing", b""
    yield "cut", good[:-1]
    yield "trailing byte", good + b"\0"
    yield "1233 bytes", full_reply(3)
    yield "type 2", reply(kind=2)
    yield "type 1", reply(kind=1)
    yield "type in two bytes", reply(kind=wide(3, 1))
    yield "nonce of 15 bytes", reply(nonce=bytes(15))
    yield "nonce of 17 bytes", reply(nonce=bytes(17))
    yield "nonce as text", reply(nonce="0123456789abcdef")
    for flags in (4, 5, 6, 7, 8, 128, 256, 2**31, 2**32, 2**32 + 2, 2**63, 2**64 - 1):
        yield f"flags {flags}", reply(flags=flags)
    yield "flags negative", reply(flags=-1)
    yield "flags as text", reply(flags="")
    yield "flags true", reply(flags=Raw(b"\xf5"))
    yield "flags 0 in two bytes", reply(flags=wide(0, 1))
    yield "more with a record", reply(flags=1, records=[b"a"])
    yield "more and notice only with a record", reply(flags=3, records=[b"a"])
    yield "five records", reply(records=[b"a"] * 5)
    yield "a record as text", reply(records=["a"])
    yield "a record as array", reply(records=[[]])
    yield "a record not wrapped in a byte string", reply(records=[Raw(advisory())])
    yield "the last of four records as uint", reply(records=[b"a", b"b", b"c", 0])
    yield "records as byte string", reply(records=b"")
    yield "records as map", reply(records={})
    yield "records null", reply(records=Raw(b"\xf6"))
    yield "records indefinite", reply(records=Raw(b"\x9f\xff"))
    yield "a record in chunks", reply(records=[Raw(b"\x5f\x41a\xff")])
    yield "record length in four bytes", reply(records=[wide_string(b"abc", 4)])
    yield "count of records in one extra byte", reply(records=Raw(b"\x98\x00"))
    yield "2^32 - 1 records", reply(records=Raw(b"\x9a\xff\xff\xff\xff\x41a"))
    yield "2^64 - 1 records", reply(records=Raw(b"\x9b" + b"\xff" * 8 + b"\x41a"))
    yield "record of 2^64 - 1 bytes", reply(records=Raw(b"\x81\x5b" + b"\xff" * 8 + b"abc"))
    yield "array of 3", b"\x83" + good[1:-1]
    yield "array of 5", b"\x85" + good[1:] + b"\0"
    yield "indefinite array", b"\x9f" + good[1:] + b"\xff"
    yield "under tag 18", b"\xd2" + good
    yield "nested arrays", b"\x81" * 1000 + b"\0"
    yield "a report", report()
    yield "an inquiry", inquiry()


def replies():
    return message_cases(ref.parse_reply, good_replies(), bad_replies())


# ------------------------------------------------------------------- records

DEFECT = {
    "id": "CVE-2021-36260",
    "reason": 3,
    "enforce_from": BASE,
    "fixed_in": "V5.5.800 build 210628",
    "url": "https://example.net/fix",
    "ranges": [[1, "", "V5.5.800 build 210628", 0]],
}
ADVISORY = {
    "vendor": VENDOR,
    "model": MODEL,
    "issued": BASE - DAY_S,
    "expires": BASE + 29 * DAY_S,
    "defects": [list(DEFECT.values())],
}
STANDING = {
    "signer": key("signer one"),
    "name": "Example CERT",
    "level": 2,
    "issued": BASE - DAY_S,
    "expires": BASE + 6 * DAY_S,
    "floor": 0,
    "vendors": [],
}


def defect(**new):
    return changed(DEFECT, **new)


def advisory_body(**new):
    return changed(ADVISORY, **new)


def standing_body(**new):
    return changed(STANDING, **new)


def advisory(by=SIGNER, **new):
    return ref.seal(by, "advisory", advisory_body(**new))


def standing(by=ANCHOR, **new):
    return ref.seal(by, "standing", standing_body(**new))


def with_range(*item):
    return advisory(defects=[defect(ranges=[list(item)])])


def advisory_of(size):
    """An advisory record of exactly this size."""
    first = defect(id="C" * 32, fixed_in="f" * 64, url="https://" + "u" * 88)
    for n in range(1, 89):
        data = advisory(defects=[first, defect(fixed_in="f" * 40, url="https://" + "u" * n)])
        if len(data) == size:
            return data
    raise ValueError(size)


def standing_of(size):
    """A standing record of exactly this size."""
    for n in range(1, 65):
        data = standing(name="n" * 32, vendors=["v" * 64, "w" * n])
        if len(data) == size:
            return data
    raise ValueError(size)


def good_advisories():
    yield "advisory, typical", advisory()
    yield "withdrawal: no defects", advisory(defects=[])
    yield "four defects", advisory(
        defects=[defect(id=f"D{n}", url="", fixed_in="", ranges=[[0, "1"]]) for n in range(4)]
    )
    yield "equal ids", advisory(defects=[defect(url=""), defect(url="")])
    yield "eight ranges of all kinds", advisory(
        defects=[
            defect(
                url="",
                ranges=[
                    [0, "1.0"],
                    [0, "1.0"],
                    [1, "", "", 0],
                    [1, "1.0", "", 3],
                    [1, "", "2.0", 3],
                    [1, "1.0", "2.0", 3],
                    [1, "1.0", "1", 2],
                    [2, 0, 2**64 - 1],
                ],
            )
        ]
    )
    yield "id of 1, no url, no fixed-in", advisory(defects=[defect(id="x", url="", fixed_in="")])
    yield "id of 32 and fixed-in of 64 characters", advisory(
        defects=[defect(id="i" * 32, fixed_in="f" * 64)]
    )
    yield "url of 96 characters", advisory(defects=[defect(url="https://" + "u" * 88)])
    yield "shortest url", advisory(defects=[defect(url="https://x")])
    yield "vendor and model of 64 characters", advisory(vendor="v" * 64, model="m" * 64)
    for reason in range(1, 7):
        yield f"reason {reason}", advisory(defects=[defect(reason=reason)])
    for reason in (0, 7, 255, 2**32 + 1, 2**64 - 1):
        yield f"unknown reason {reason}, read as 6", advisory(defects=[defect(reason=reason)])
    yield "enforce-from 0", advisory(defects=[defect(enforce_from=0)])
    yield "enforce-from before issued", advisory(defects=[defect(enforce_from=1)])
    yield "enforce-from 2^53 - 1", advisory(defects=[defect(enforce_from=2**53 - 1)])
    yield "issued 0, expires 1", advisory(issued=0, expires=1)
    yield "life of one second", advisory(expires=BASE - DAY_S + 1)
    yield "life of 40 days", advisory(expires=BASE + 39 * DAY_S)
    yield "expires 2^53 - 1", advisory(issued=2**53 - 2, expires=2**53 - 1)
    yield "record of 600 bytes", advisory_of(600)
    yield "record of 599 bytes", advisory_of(599)
    yield "exact build of 64 characters", with_range(0, "b" * 64)
    yield "range bounds of 64 characters", with_range(1, "1" * 64, "2" * 64, 0)
    yield "range of one number", with_range(2, 7, 7)


def good_standings():
    yield "standing, typical", standing()
    yield "level suspended", standing(level=1)
    yield "level revoked", standing(level=0)
    yield "one vendor", standing(vendors=[VENDOR])
    yield "two vendors", standing(vendors=[VENDOR, "ezviz"])
    yield "name of 1 character", standing(name="x")
    yield "name of 32 characters", standing(name="n" * 32)
    yield "floor equal to issued", standing(floor=BASE - DAY_S)
    yield "standing's life of 14 days", standing(expires=BASE + 13 * DAY_S)
    yield "standing's life of one second", standing(expires=BASE - DAY_S + 1)
    yield "standing issued 0", standing(issued=0, expires=1)
    yield "standing's expires 2^53 - 1", standing(issued=2**53 - 2, expires=2**53 - 1)
    yield "an authority's standing on its own key", standing(signer=key("authority one current"))
    yield "record of 300 bytes", standing_of(300)


def bad_bodies():
    """Payloads that break a line, each signed correctly."""
    for name, new in bad_advisory_fields():
        yield name, advisory(**new)
    for name, new in bad_defect_fields():
        yield name, advisory(defects=[defect(**new)])
    for name, item in bad_ranges():
        yield f"range: {name}", advisory(defects=[defect(ranges=[item])])
    for name, new in bad_standing_fields():
        yield f"standing: {name}", standing(**new)


def bad_advisory_fields():
    yield "vendor empty", dict(vendor="")
    yield "vendor of 65 characters", dict(vendor="v" * 65)
    yield "vendor in capitals", dict(vendor="HIKVISION")
    yield "model with a space", dict(model="a b")
    yield "model as bytes", dict(model=b"model")
    yield "issued equal to expires", dict(expires=BASE - DAY_S)
    yield "issued after expires", dict(expires=BASE - DAY_S - 1)
    yield "life of 40 days and a second", dict(expires=BASE + 39 * DAY_S + 1)
    yield "expires 2^53", dict(issued=2**53 - 1, expires=2**53)
    yield "issued and expires above 2^53", dict(issued=2**53, expires=2**53 + 1)
    yield "issued near 2^64, where issued + 40 days wraps", dict(
        issued=2**64 - 2, expires=2**64 - 1
    )
    yield "expires just above a wrapped life", dict(issued=2**64 - 40 * DAY_S, expires=1)
    yield "issued negative", dict(issued=-1)
    yield "issued as float", dict(issued=Raw(b"\xfb\x41\xda" + bytes(6)))
    yield "issued as NaN", dict(issued=Raw(b"\xf9\x7e\x00"))
    yield "issued under tag 1", dict(issued=Raw(b"\xc1" + encode(BASE)))
    yield "issued as text", dict(issued="2026-01-01T00:00:00Z")
    yield "issued in eight bytes", dict(issued=wide(BASE, 8))
    yield "five defects", dict(
        defects=[defect(id="x", url="", fixed_in="", ranges=[[0, "1"]])] * 5
    )
    yield "defects null", dict(defects=Raw(b"\xf6"))
    yield "defects as map", dict(defects={})
    yield "a defect as text", dict(defects=["CVE-2021-36260"])
    yield "a defect of 5 fields", dict(defects=[defect()[:5]])
    yield "a defect of 7 fields", dict(defects=[defect() + [0]])
    yield "the second defect malformed", dict(defects=[defect(url=""), defect(id="")])
    yield "nested one level too deep", dict(defects=[defect(ranges=[[2, [0], 1]])])


def bad_defect_fields():
    yield "id empty", dict(id="")
    yield "id of 33 characters", dict(id="i" * 33)
    yield "id with newline", dict(id="CVE\n")
    yield "id with escape", dict(id="\x1b[31mCVE")
    yield "id beyond ASCII", dict(id="CVE\u20112021")
    yield "id as bytes", dict(id=b"CVE-2021-36260")
    yield "reason negative", dict(reason=-1)
    yield "reason as text", dict(reason="takeover")
    yield "reason as bignum", dict(reason=Raw(b"\xc2\x49\x01" + bytes(8)))
    yield "enforce-from 2^53", dict(enforce_from=2**53)
    yield "enforce-from 2^64 - 1", dict(enforce_from=2**64 - 1)
    yield "enforce-from null", dict(enforce_from=Raw(b"\xf6"))
    yield "fixed-in of 65 characters", dict(fixed_in="f" * 65)
    yield "fixed-in with DEL", dict(fixed_in="1\x7f")
    yield "url of 97 characters", dict(url="https://" + "u" * 89)
    yield "url http", dict(url="http://example.net")
    yield "url in capitals", dict(url="HTTPS://example.net")
    yield "url with nothing after https://", dict(url="https://")
    yield "url javascript", dict(url="javascript:alert(1)")
    yield "url with a leading space", dict(url=" https://example.net")
    yield "url with newline", dict(url="https://example.net/\n")
    yield "no ranges", dict(ranges=[])
    yield "nine ranges", dict(ranges=[[0, "1"]] * 9)
    yield "ranges as a single range", dict(ranges=[0, "1"])
    yield "the eighth range malformed", dict(ranges=[[0, "1"]] * 7 + [[3, "1"]])


def bad_ranges():
    """Shared with ranges.json."""
    yield "empty array", []
    yield "kind 3", [3, 1, 2]
    yield "kind negative", [-1, "1.0"]
    yield "kind as text", ["0", "1.0"]
    yield "kind 0 in two bytes", [wide(0, 1), "1.0"]
    yield "not an array", "1.0"
    yield "exact with no build", [0]
    yield "exact with two builds", [0, "1.0", "1.1"]
    yield "exact, build empty", [0, ""]
    yield "exact, build of 65 characters", [0, "b" * 65]
    yield "exact, build with NUL", [0, "1.0\0"]
    yield "exact, build beyond ASCII", [0, "1.\u0661"]
    yield "exact, build as number", [0, 1]
    yield "natural order without bounds", [1, "1.0", "2.0"]
    yield "natural order with 5 items", [1, "1.0", "2.0", 0, 0]
    yield "bounds 4", [1, "1.0", "2.0", 4]
    yield "bounds 2^32", [1, "1.0", "2.0", 2**32]
    yield "bounds negative", [1, "1.0", "2.0", -1]
    yield "bounds as text", [1, "1.0", "2.0", ""]
    yield "bounds of open ends 4", [1, "", "", 4]
    yield "from null", [1, Raw(b"\xf6"), "2.0", 0]
    yield "from as bytes", [1, b"1.0", "2.0", 0]
    yield "from of 65 characters", [1, "1" * 65, "", 0]
    yield "until of 65 characters", [1, "", "1" * 65, 0]
    yield "until with newline", [1, "", "1.0\n", 0]
    for bound in ("0", "0.0", "0.0.0", "-", " ", "...", "v0", "V0.0", "000"):
        yield f"from {bound!r} has no runs", [1, bound, "", 0]
        yield f"until {bound!r} has no runs", [1, "", bound, 0]
    yield "until without runs under a from", [1, "1.0", "-", 0]
    yield "any version, as '*'", [1, "*", "*", 0]
    yield "reversed", [1, "2.0", "1.0", 0]
    yield "reversed, both included", [1, "2.0", "1.0", 2]
    yield "reversed by length only", [1, "1.10", "1.9", 0]
    yield "reversed by a long number", [1, "1" + "0" * 40, "9" * 40, 0]
    yield "reversed: release before its candidate", [1, "6.42", "6.42rc20", 2]
    yield "empty: equal, until excluded", [1, "1.0", "1.0", 0]
    yield "empty: equal, from excluded", [1, "1.0", "1.0", 1]
    yield "empty: equal, from excluded, until included", [1, "1.0", "1.0", 3]
    yield "empty: equal in natural order only", [1, "1.0", "V1", 0]
    yield "bounds of unlike kind: digits and letters", [1, "1.0", "r2", 0]
    yield "bounds of unlike kind: letters and digits", [1, "SNAPSHOT", "23.05.4", 0]
    yield "bounds of unlike kind: two words", [1, "alpha1", "beta2", 0]
    yield "bounds of unlike kind: v kept before a word", [1, "v.r1", "r2", 0]
    yield "numbers reversed", [2, 2, 1]
    yield "numbers reversed at 2^32", [2, 2**32, 1]
    yield "numbers reversed at 2^64 - 1", [2, 2**64 - 1, 2**64 - 2]
    yield "one number", [2, 1]
    yield "three numbers", [2, 1, 2, 3]
    yield "number negative", [2, -1, 1]
    yield "number as text", [2, "1", "2"]
    yield "number as float", [2, 1, Raw(b"\xf9\x40\x00")]
    yield "number as infinity", [2, 1, Raw(b"\xf9\x7c\x00")]
    yield "number as bignum", [2, 1, Raw(b"\xc2\x49\x01" + bytes(8))]


def bad_standing_fields():
    yield "signer of 31 bytes", dict(signer=bytes(31))
    yield "signer of 33 bytes", dict(signer=bytes(33))
    yield "signer as text", dict(signer="s" * 32)
    yield "name empty", dict(name="")
    yield "name of 33 characters", dict(name="n" * 33)
    yield "name with newline", dict(name="Example\nCERT")
    yield "name beyond ASCII", dict(name="Beispiel \u00d6")
    yield "level 3", dict(level=3)
    yield "level 2^32 + 2", dict(level=2**32 + 2)
    yield "level negative", dict(level=-1)
    yield "level true", dict(level=Raw(b"\xf5"))
    yield "issued equal to expires", dict(expires=BASE - DAY_S)
    yield "issued after expires", dict(expires=BASE - 2 * DAY_S)
    yield "life of 14 days and a second", dict(expires=BASE + 13 * DAY_S + 1)
    yield "expires 2^53", dict(issued=2**53 - 1, expires=2**53)
    yield "issued 2^63", dict(issued=2**63, expires=2**63 + 1)
    yield "floor above issued", dict(floor=BASE - DAY_S + 1)
    yield "floor 2^53", dict(floor=2**53)
    yield "floor negative", dict(floor=-1)
    yield "three vendors", dict(vendors=["a", "b", "c"])
    yield "vendor empty", dict(vendors=[""])
    yield "vendor in capitals", dict(vendors=["Hikvision"])
    yield "second vendor of 65 characters", dict(vendors=["a", "b" * 65])
    yield "vendors as text", dict(vendors="hikvision")
    yield "vendors null", dict(vendors=Raw(b"\xf6"))


def header(alg=-19, by=SIGNER, typ=ref.TYP["advisory"]):
    return {1: alg, 4: ref.public_key(by), 16: typ}


def signed(protected, payload=None, by=SIGNER, unprotected=None, **parts):
    """A COSE_Sign1 with this protected header (a value, or bytes), signed over what it holds."""
    protected = protected if isinstance(protected, bytes) else encode(protected)
    payload = encode(advisory_body()) if payload is None else payload
    signature = parts.get("signature", ref.sign(by, protected, payload))
    return encode(Tag(18, [protected, unprotected or {}, payload, signature]))


def bad_headers():
    ours, anchor = ref.public_key(SIGNER), ref.public_key(ANCHOR)
    typ = ref.TYP["advisory"]
    for alg in (-8, -7, -257, -18, -20, 0, 19, 5):
        yield f"alg {alg}", signed(header(alg=alg))
    yield "alg none: null", signed(header(alg=Raw(b"\xf6")))
    yield "alg as text", signed(header(alg="Ed25519"))
    yield "alg -19 in one extra byte", signed(header(alg=Raw(b"\x38\x12")))
    yield "no alg", signed({4: ours, 16: typ})
    yield "no key", signed({1: -19, 16: typ})
    yield "no typ", signed({1: -19, 4: ours})
    yield "keys unsorted", signed({4: ours, 1: -19, 16: typ})
    yield "typ before key", signed({1: -19, 16: typ, 4: ours})
    yield "alg twice", signed(b"\xa4\x01\x32" + encode(header())[1:])
    yield "an extra content type", signed({1: -19, 3: 0, 4: ours, 16: typ})
    yield "an extra private header", signed({1: -19, 4: ours, 16: typ, "x": 0})
    yield "crit", signed({1: -19, 2: [16], 4: ours, 16: typ})
    yield "crit naming an unknown header", signed({1: -19, 2: [99], 4: ours, 16: typ, 24: 0})
    yield "empty protected header", signed({})
    yield "protected header of no bytes", signed(b"")
    yield "protected header with trailing byte", signed(encode(header()) + b"\0")
    yield "protected header as indefinite map", signed(b"\xbf" + encode(header())[1:] + b"\xff")
    yield "protected header as array", signed([1, -19, 4, ours, 16, typ])
    yield "key of 31 bytes", signed({1: -19, 4: ours[:31], 16: typ})
    yield "key of 33 bytes", signed({1: -19, 4: ours + b"\0", 16: typ})
    yield "key length in two bytes", signed({1: -19, 4: wide_string(ours, 2), 16: typ})
    yield "key as text", signed({1: -19, 4: "k" * 32, 16: typ})
    yield "typ of an unknown kind", signed(header(typ="application/muster-list+cose"))
    yield "typ without application/", signed(header(typ="muster-advisory+cose"))
    yield "typ in capitals", signed(header(typ=typ.upper()))
    yield "a standing's typ in capitals", signed(
        header(by=ANCHOR, typ=ref.TYP["standing"].upper()), encode(standing_body()), by=ANCHOR
    )
    yield "typ as number", signed(header(typ=0))
    yield "typ as bytes", signed(header(typ=typ.encode()))
    yield "everything in the unprotected header", signed({}, unprotected=header())
    yield "key in the unprotected header", signed({1: -19, 16: typ}, unprotected={4: ours})
    yield "an unprotected header besides", signed(header(), unprotected={33: b"cert"})
    yield "a standing's payload typed advisory", signed(
        header(by=ANCHOR), encode(standing_body()), by=ANCHOR
    )
    yield "an advisory's payload typed standing", signed(header(typ=ref.TYP["standing"]))
    yield "a standing's payload and name, advisory's place", signed(
        {1: -19, 4: anchor, 16: typ}, encode(standing_body()), by=ANCHOR
    )


def bad_payloads():
    body = encode(advisory_body())
    yield "payload empty", signed(header(), b"")
    yield "payload with trailing byte", signed(header(), body + b"\0")
    yield "payload cut", signed(header(), body[:-1])
    yield "payload wrapped once more", signed(header(), encode(body))
    yield "payload under tag 18", signed(header(), b"\xd2" + body)
    yield "payload of 4 fields", signed(header(), encode(advisory_body()[:4]))
    yield "payload of 6 fields", signed(header(), encode(advisory_body() + [0]))
    yield "payload as indefinite array", signed(header(), b"\x9f" + body[1:] + b"\xff")
    yield "payload as map", signed(header(), encode({0: 0}))
    yield "payload: count of 2^32 - 1", signed(header(), b"\x9a\xff\xff\xff\xff" + body[1:])
    yield "payload: count of 2^64 - 1", signed(header(), b"\x9b" + b"\xff" * 8 + body[1:])
    yield "payload: nested arrays", signed(header(), b"\x81" * 300 + b"\0")
    yield "payload: text of 2^64 - 1 bytes", signed(header(), b"\x85\x7b" + b"\xff" * 8 + b"a")
    yield "standing of 6 fields", ref.seal(ANCHOR, "standing", standing_body()[:6])
    yield "standing of 8 fields", ref.seal(ANCHOR, "standing", standing_body() + [0])


def bad_envelopes():
    good, kept = advisory(), standing()
    protected, payload = encode(header()), encode(advisory_body())
    signature = ref.sign(SIGNER, protected, payload)
    parts = [protected, {}, payload, signature]
    yield "nothing", b""
    yield "no tag", good[1:]
    yield "tag 17", b"\xd1" + good[1:]
    yield "tag 98, COSE_Sign", b"\xd8\x62" + good[1:]
    yield "tag 18 in two bytes", b"\xd8\x12" + good[1:]
    yield "tag 18 twice", b"\xd2" + good
    yield "self-described CBOR", b"\xd9\xd9\xf7" + good
    yield "trailing byte", good + b"\0"
    yield "cut by one byte", good[:-1]
    yield "cut to 100 bytes", good[:100]
    yield "array of 3, no signature", encode(Tag(18, parts[:3]))
    yield "array of 5", encode(Tag(18, parts + [0]))
    yield "indefinite array", b"\xd2\x9f" + good[2:] + b"\xff"
    yield "array length in one extra byte", b"\xd2\x98\x04" + good[2:]
    yield "protected header as a map, not bytes", encode(
        Tag(18, [header(), {}, payload, signature])
    )
    yield "unprotected header null", encode(Tag(18, [protected, Raw(b"\xf6"), payload, signature]))
    yield "unprotected header an empty array", encode(Tag(18, [protected, [], payload, signature]))
    yield "unprotected header indefinite", encode(
        Tag(18, [protected, Raw(b"\xbf\xff"), payload, signature])
    )
    yield "unprotected header in one extra byte", encode(
        Tag(18, [protected, Raw(b"\xb8\x00"), payload, signature])
    )
    yield "payload null, detached", encode(Tag(18, [protected, {}, Raw(b"\xf6"), signature]))
    yield "payload as an array, not bytes", encode(
        Tag(18, [protected, {}, Raw(payload), signature])
    )
    yield "payload length in four bytes", encode(
        Tag(18, [protected, {}, wide_string(payload, 4), signature])
    )
    yield "payload in chunks", encode(
        Tag(18, [protected, {}, Raw(b"\x5f" + encode(payload) + b"\xff"), signature])
    )
    yield "payload of 2^64 - 1 bytes", encode(
        Tag(18, [protected, {}, Raw(b"\x5b" + b"\xff" * 8), signature])
    )
    yield "signature of 63 bytes", encode(Tag(18, parts[:3] + [signature[:63]]))
    yield "signature of 65 bytes", encode(Tag(18, parts[:3] + [signature + b"\0"]))
    yield "signature empty", encode(Tag(18, parts[:3] + [b""]))
    yield "signature as text", encode(Tag(18, parts[:3] + ["s" * 64]))
    yield "a list of signatures", encode(Tag(18, parts[:3] + [[signature]]))
    yield "inside a byte string", encode(good)
    yield "advisory of 601 bytes", advisory_of(601)
    yield "standing of 301 bytes", standing_of(301)
    yield "two records in one", good + kept


def flipped(record, at):
    return record[:at] + bytes([record[at] ^ 1]) + record[at + 1 :]


def with_signature(signature, named):
    """An advisory naming this key, its signature made by the given function."""
    protected, payload = ref.protected_header("advisory", named), encode(advisory_body())
    return encode(Tag(18, [protected, {}, payload, signature(protected, payload)]))


def scalar(secret):
    """The secret scalar of RFC 8032: only to forge what a lax verifier would accept."""
    low = bytearray(hashlib.sha512(secret).digest()[:32])
    low[0] &= 248
    low[31] = low[31] & 127 | 64
    return int.from_bytes(low, "little")


def plus_group_order(protected, payload):
    made = ref.sign(SIGNER, protected, payload)
    s = int.from_bytes(made[32:], "little") + ref.GROUP
    return made[:32] + s.to_bytes(32, "little")


def under_identity_key(protected, payload):
    """[S]B = R + [h]A holds for every message when A is the neutral element."""
    return ref.public_key(SIGNER) + (scalar(SIGNER) % ref.GROUP).to_bytes(32, "little")


def with_neutral_r(encoded_r):
    """A signature of our own key whose R is this encoding of the neutral element."""

    def make(protected, payload):
        ours = ref.public_key(SIGNER)
        data = encoded_r + ours + ref.to_be_signed(protected, payload)
        h = int.from_bytes(hashlib.sha512(data).digest(), "little")
        s = h % ref.GROUP * scalar(SIGNER) % ref.GROUP
        return encoded_r + s.to_bytes(32, "little")

    return make


def low_order_keys():
    yield "the neutral element", (1).to_bytes(32, "little")
    yield "the neutral element with its sign bit", (1 | 1 << 255).to_bytes(32, "little")
    yield "the neutral element, y + p", (ref.FIELD + 1).to_bytes(32, "little")
    yield "order 2", (ref.FIELD - 1).to_bytes(32, "little")
    yield "order 4: zeros", bytes(32)
    yield "order 4: p", ref.FIELD.to_bytes(32, "little")
    yield "order 8", bytes.fromhex(
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    )


def forged_records():
    good, kept = advisory(), standing()
    ours = ref.public_key(SIGNER)
    yield "signature of zeros", with_signature(lambda *_: bytes(64), ours)
    yield "first byte of R changed", flipped(good, len(good) - 64)
    yield "last byte of S changed", flipped(good, len(good) - 2)
    yield "issued changed after signing", good.replace(
        encode(BASE - DAY_S), encode(BASE - DAY_S + 1)
    )
    yield "vendor changed after signing", good.replace(b"hikvision", b"hikvisiom")
    yield "a standing's level raised after signing", standing(level=1).replace(
        b"Example CERT\x01", b"Example CERT\x02"
    )
    yield "a standing's signer changed after signing", kept.replace(
        key("signer one"), key("signer two")
    )
    yield "another signer's key put in", good.replace(ours, key("signer two"))
    plain = ref.Ed25519PrivateKey.from_private_bytes(SIGNER).sign
    yield "signed without COSE's structure", with_signature(lambda _, body: plain(body), ours)
    yield "signed with another context", with_signature(
        lambda header, body: plain(encode(["Signature", header, b"", body])), ours
    )
    yield "signed with external data", with_signature(
        lambda header, body: plain(encode(["Signature1", header, b"muster", body])), ours
    )
    yield "signature of another advisory", with_signature(
        lambda *_: advisory(model="other")[-64:], ours
    )
    as_advisory = ref.protected_header("advisory", ref.public_key(ANCHOR))
    yield "a standing signed as an advisory", kept[:-64] + ref.sign(
        ANCHOR, as_advisory, encode(standing_body())
    )
    yield "S + L", with_signature(plus_group_order, ours)
    yield "S all ones", with_signature(
        lambda header, body: ref.sign(SIGNER, header, body)[:32] + b"\xff" * 32, ours
    )
    for name, low in low_order_keys():
        yield f"key of small order: {name}", with_signature(under_identity_key, low)
    neutral, above = (1).to_bytes(32, "little"), (ref.FIELD + 1).to_bytes(32, "little")
    yield "R of small order", with_signature(with_neutral_r(neutral), ours)
    yield "R not canonical", with_signature(with_neutral_r(above), ours)
    yield "key that is no point", with_signature(lambda *_: bytes(64), (2).to_bytes(32, "little"))


def advisory_fields(record):
    return {
        "kind": "advisory",
        "key": record.key,
        "vendor": record.vendor,
        "model": record.model,
        "issued": record.issued,
        "expires": record.expires,
        "defects": [
            {
                "id": d.id,
                "reason": d.reason,
                "enforce_from": d.enforce_from,
                "fixed_in": d.fixed_in,
                "url": d.url,
                "n_ranges": len(d.ranges),
            }
            for d in record.defects
        ],
    }


def standing_fields(record):
    fields = {**vars(record), "vendors": list(record.vendors)}
    fields["signer_name"] = fields.pop("name")
    return {"kind": "standing", **fields}


def record_case(name, data, expect):
    if expect == "malformed":
        return {"name": name, "in": data, "expect": expect}
    record = ref.parse_record(data)
    fields = advisory_fields if isinstance(record, ref.Advisory) else standing_fields
    return {"name": name, "in": data, "expect": expect, **fields(record)}


def records():
    groups = (
        ("ok", [*good_advisories(), *good_standings()]),
        ("malformed", [*bad_bodies(), *bad_headers(), *bad_payloads(), *bad_envelopes()]),
        ("signature", [*forged_records()]),
    )
    return [record_case(name, data, expect) for expect, group in groups for name, data in group]


def judge_record(data):
    """What the reference says of a record, in the words of records.json."""
    try:
        ref.parse_record(data)
    except ref.Malformed:
        return "malformed"
    return "ok" if ref.verify(data) else "signature"


def outcome(parse):
    def run(data):
        try:
            parse(data)
        except ref.Malformed:
            return "malformed"
        return "ok"

    return run


CHECKS = {
    "reports": outcome(ref.parse_report),
    "inquiries": outcome(ref.parse_inquiry),
    "replies": outcome(ref.parse_reply),
    "records": judge_record,
}
