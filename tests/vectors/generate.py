#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""Writes the test vectors; with --check says whether the files are what it would write.

Every expectation is stated in the case lists and asked of the reference as well: where the two
differ nothing is written. Needs Debian's python3-cbor2 and python3-cryptography.
"""

import argparse
import json
import pathlib
import random
import sys

import cbor2

import cases_judge
import cases_leases
import cases_order
import cases_times
import cases_wire
import device

HERE = pathlib.Path(__file__).resolve().parent
JSON_INT_END = 1 << 53


def wire_checks(cases, check):
    """The reference agrees on every case, and a CBOR library on every well-formed item."""
    for case in cases:
        yield case, check(case["in"])
        if case["expect"] != "malformed":
            again = cbor2.dumps(cbor2.loads(case["in"]), canonical=True)
            yield {**case, "expect": case["in"]}, again


def wire(name, title, rule, note):
    cases = getattr(cases_wire, name)()
    return title, rule, note, cases, wire_checks(cases, cases_wire.CHECKS[name])


def checked(title, rule, note, cases, check):
    return title, rule, note, cases, ((case, check(case)) for case in cases)


class Always:
    """Chance that always falls on the same place of its interval."""

    def __init__(self, place):
        self.place = place

    def uniform(self, low, high):
        return low + (high - low) * self.place


def chances():
    """Both ends of every jitter, and some dice."""
    return [Always(0), Always(1), *map(random.Random, range(3))]


def judged(case):
    """What the reference says, but for a reason that the case does not ask for."""
    said = device.check_judge(case, Always(0))
    return said if case["expect"]["void"] else {**said, "void": None}


def story_checks(cases):
    for case in cases:
        for chance in chances():
            yield {**case, "expect": []}, list(device.story_faults(case, chance))


def time_checks(cases):
    for case in cases:
        for step, now in zip(case["steps"], device.check_times(case)):
            yield {**case, "expect": step.get("expect_now", now)}, now


def files():
    yield "reports.json", wire(
        "reports", "Reports", "3", "What a head-end must take as a report and what it must drop."
    )
    yield "inquiries.json", wire(
        "inquiries", "Inquiries", "3", "What an authority's service must take as an inquiry."
    )
    yield "replies.json", wire(
        "replies", "Replies", "3", "The reply's shell; the records in it are not looked into."
    )
    yield "records.json", wire(
        "records",
        "Records",
        "3, R4 d",
        "One COSE_Sign1 each: malformed, or well-formed with a signature that does not verify "
        "under the key it names, or ok.",
    )
    yield "order.json", checked(
        "Natural order of builds",
        "4",
        "-1: a is below b; 0: equal; 1: above.",
        cases_order.order_cases(),
        cases_order.check_order,
    )
    yield "ranges.json", checked(
        "Range matches",
        "4",
        "Whether one range covers a build, or is malformed.",
        cases_order.range_cases(),
        cases_order.check_range,
    )
    yield "judge.json", checked(
        "Judgements",
        "R4, R5, R9",
        "What a device makes of one reply, after the replies before it.",
        cases_judge.judge_cases(),
        judged,
    )
    stories = cases_leases.leases_cases()
    yield "leases.json", (
        "Leases, rechecks, notices, overrides and restarts",
        "R6, R7, R11",
        "Stories on virtual time; the clock at 0 s is the case's clock and runs on.",
        stories,
        story_checks(stories),
    )
    times = cases_times.times_cases()
    yield "times.json", (
        "The floor of time",
        "R9",
        "A list of events and the hour that the device has after each.",
        times,
        time_checks(times),
    )


def plain(value):
    """JSON's form of a value: bytes as hex, integers of 2^53 and more as decimal strings."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, int) and not isinstance(value, bool) and value >= JSON_INT_END:
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def render(title, rule, note, cases):
    page = {"title": title, "rule": rule, "note": note, "cases": plain(cases)}
    return json.dumps(page, indent=1, ensure_ascii=True) + "\n"


def disagreements(name, cases, answers):
    names = [case["name"] for case in cases]
    for twice in {n for n in names if names.count(n) > 1}:
        yield f"{name}: two cases are named {twice!r}"
    for case, answer in answers:
        if case["expect"] != answer:
            yield f"{name}: {case['name']}: states {case['expect']!r}, reference says {answer!r}"


def differs(path, page):
    return not path.exists() or path.read_text(encoding="ascii") != page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check_only = parser.parse_args().check
    pages, errors = {}, []
    for name, (title, rule, note, cases, answers) in files():
        errors += disagreements(name, cases, answers)
        pages[HERE / name] = render(title, rule, note, cases)
    if not errors and check_only:
        stale = [path.name for path, page in pages.items() if differs(path, page)]
        errors = [f"{name}: stale, run generate.py" for name in stale]
    for line in errors:
        print(line, file=sys.stderr)
    if errors:
        return 1
    for path, page in pages.items() if not check_only else ():
        path.write_text(page, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
