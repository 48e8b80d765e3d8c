# SPDX-License-Identifier: ISC
"""Compares the core's order and ranges, called through ctypes, with tests/vectors/reference.py.

    order_check.py ORDER.SO FOLDER      the folder holds the *.tsv of builds; prints TAP
"""

import ctypes
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "vectors"))
import reference  # noqa: E402

PAIRS, RANGES, BUILDS = 400_000, 20_000, 20
EXCLUDED, INCLUDED = 1, 2


class Slice(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_char_p), ("len", ctypes.c_size_t)]


class Range(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("from_", Slice), ("until", Slice),
                ("bounds", ctypes.c_uint), ("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


class Core:
    """The core's functions, on text."""

    def __init__(self, path):
        self.core = ctypes.CDLL(path)
        for name in ("muster_order_compare", "muster_order_alike"):
            getattr(self.core, name).argtypes = [Slice, Slice]
        self.core.muster_range_check.argtypes = [ctypes.POINTER(Range)]
        self.core.muster_range_covers.argtypes = [ctypes.POINTER(Range), Slice, ctypes.c_uint64]

    def compare(self, a, b):
        sign = self.core.muster_order_compare(a, b)
        return (sign > 0) - (sign < 0)

    def alike(self, a, b):
        return self.core.muster_order_alike(a, b) != 0

    def legal(self, span):
        return self.core.muster_range_check(ctypes.byref(span)) == 0

    def covers(self, span, build):
        return self.core.muster_range_covers(ctypes.byref(span), build, 0) != 0


class Build:
    """One string of the data set, ready for both implementations."""

    def __init__(self, text):
        self.text = text
        encoded = text.encode()
        self.slice = Slice(encoded, len(encoded))
        self.key = reference.order_key(text)
        self.runs = reference.runs(text)


def read_builds(folder):
    columns = {"strings-with-scheme.tsv": (2,), "version-order.tsv": (1, 2),
               "order-conflicts.tsv": (1, 2)}
    found = {}
    for name, fields in columns.items():
        for line in (folder / name).read_text().splitlines():
            cells = line.split("\t")
            found.update((cells[i], None) for i in fields)
    return [Build(text) for text in found if text.isascii() and len(text) <= 64]


def same_order(core, builds, pick):
    wrong = []
    for _ in range(PAIRS):
        a, b = pick.choice(builds), pick.choice(builds)
        want = (a.key > b.key) - (a.key < b.key)
        if core.compare(a.slice, b.slice) != want:
            wrong.append((a.text, b.text))
    return wrong


def same_neighbours(core, builds):
    ordered = sorted(builds, key=lambda build: build.key)
    return [(a.text, b.text) for a, b in zip(ordered, ordered[1:])
            if core.compare(a.slice, b.slice) != (-1 if a.key < b.key else 0)]


def same_alike(core, builds, pick):
    wrong = []
    for _ in range(PAIRS // 4):
        a, b = pick.choice(builds), pick.choice(builds)
        want = bool(a.runs and b.runs) and reference.alike(a.text, b.text)
        if core.alike(a.slice, b.slice) != want:
            wrong.append((a.text, b.text))
    return wrong


def legal_span(low, high, bounds):
    try:
        return reference.parse_range([1, low, high, bounds])
    except reference.Malformed:
        return None


def same_ranges(core, builds, pick):
    ordered = sorted(builds, key=lambda build: build.key)
    empty, wrong, legal = Slice(b"", 0), [], 0
    for _ in range(RANGES):
        at = pick.randrange(len(ordered))
        near = ordered[max(at - 300, 0):at + 300]
        low = pick.choice([ordered[at], None])
        high = pick.choice([pick.choice(near), ordered[-at], None])
        bounds = pick.randrange(4)
        span = Range(1, low.slice if low else empty, high.slice if high else empty, bounds, 0, 0)
        parsed = legal_span(low.text if low else "", high.text if high else "", bounds)
        if core.legal(span) != (parsed is not None):
            wrong.append((low and low.text, high and high.text, bounds, "legal"))
        if parsed is None:
            continue
        legal += 1
        for build in [low, high] + pick.choices(near, k=BUILDS):
            if build and core.covers(span, build.slice) != reference.covers(parsed, build.text, 0):
                wrong.append((parsed, build.text))
    return wrong if legal > RANGES // 10 else [("legal ranges", legal)]


def main(library, folder):
    core, builds, pick = Core(library), read_builds(pathlib.Path(folder)), random.Random(6878)
    tests = (
        (f"{PAIRS} pairs out of {len(builds)} builds order alike", same_order(core, builds, pick)),
        ("neighbours of the whole set order alike", same_neighbours(core, builds)),
        ("core and reference agree on what is alike", same_alike(core, builds, pick)),
        ("ranges are legal for both or neither, and cover the same builds",
         same_ranges(core, builds, pick)),
    )
    for number, (name, wrong) in enumerate(tests, 1):
        print("not ok" if wrong else "ok", number, "-", name)
        for case in wrong[:10]:
            print("#", case)
    print(f"1..{len(tests)}")
    return any(wrong for _, wrong in tests)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
