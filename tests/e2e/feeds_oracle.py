# SPDX-License-Identifier: ISC
"""Checks what `muster import` made of a whole feed against the feed's raw records, read anew by
feeds_literal.py. Prints one TAP line a property; numbers go on from the first argument.

    feeds_oracle.py FIRST NAME PRINTED FOLDER FILE...

NAME is the feed's, perhaps with a dash and more.

PRINTED is the import's output, and PRINTED with the suffix .err its problems. The last comment line
is the feed's row for the table.
"""

import pathlib
import re
import sys
from collections import Counter, defaultdict

import feeds_kept
import feeds_literal

LAST_LINE = re.compile(r"^records (\d+), listed (\d+), exact (\d+), review (\d+)$")
ELSEWHERE = ("0.1", "1.0", "1.0.0", "2.3.4", "9.9", "99.99", "20991231", "20150101", "V1.0", "h5.0",
             "5.21(AAZF.15)C0", "V5.4.5 build 170124", "3.16.9 Build 150320", "v1", "A1", "SNAPSHOT")
NOUNS = "(?:firmware|software|devices?|versions?|routers?|cameras?|running|with|the|and|v)*"
PHRASE = "(?:before|priorto|fixedin|patchedin|resolvedin|earlierthan|olderthan|updateto|upgradeto)"
QUOTED = re.compile(r'[\w ]+ "(.*?)"(?=, [\w ]+ "|$)')
RANK = {"review": 0, "exact": 1, "listed": 2}


def record_id(feed, record):
    if feed == "cve5":
        return record["cveMetadata"]["cveId"]
    if feed == "csaf":
        return record["document"]["tracking"]["id"]
    return record["cveID"] if feed == "kev" else record.get("id", "")


def beside(build):
    """Builds near a bound: itself, with more behind it, its numbers a little up and down."""
    found = {build, build + ".1", build + " build 170124", build + "-rc1", build + "a", "V" + build}
    for number in re.finditer(r"\d+", build):
        for step in (-1, 1, 10):
            value = int(number[0]) + step
            if value >= 0:
                found.add(build[:number.start()] + str(value) + build[number.end():])
    return {near for near in found if len(near) <= 64}


def probes_of(spans):
    bounds = {bound for span in spans for bound in span[1:3] if isinstance(bound, str) and bound}
    return sorted(set(ELSEWHERE).union(*map(beside, bounds)))


class Record:
    """One raw record with what it says and what the folder has on it."""

    def __init__(self, feed, raw, kept):
        self.id = record_id(feed, raw)
        self.kept = kept
        self.sayings, self.prose, self.text = feeds_literal.READERS[feed](raw)
        self.models = {feeds_literal.squash(item.model.split("/", 1)[-1]) for item in kept}

    def on(self, item):
        """The sayings that are about this file's model; all on its CVE if none names it."""
        model = feeds_literal.squash(item.model.split("/", 1)[1])
        same_cve = [saying for saying in self.sayings if saying.cve == item.id]
        return [saying for saying in same_cve if model in saying.names] or same_cve

    def prose_on(self, item):
        """Builds that the prose calls fixed, as far as it speaks of this model."""
        model = re.escape(feeds_literal.squash(item.model.split("/", 1)[1]))
        for build in dict.fromkeys(self.prose):
            near = f"{model}{NOUNS}{PHRASE}{NOUNS}{re.escape(feeds_literal.squash(build))}"
            if len(self.models) == 1 or re.search(near, feeds_literal.squash(self.text)):
                yield build


def wider(record, item):
    """The first build that the file covers and no word of the record does."""
    sayings = record.on(item)
    if any(saying.everything for saying in sayings):
        return []
    said = [span for saying in sayings for span in saying.affected]
    return [f"{record.id} {item.id} {item.model}: {item.spans} covers {build!r}, and no word of it does"
            for build in probes_of(item.spans)
            if item.covers(build) and not any(span.covers(build) for span in said)][:1]


def frees(record, item):
    where, faults = f"{record.id} {item.model}: {item.spans} covers", []
    for saying in record.on(item):
        builds = probes_of(item.spans) + [end for span in saying.free for end in (span.low, span.high)]
        faults += [f"{where} {build!r}, which {saying.provider} calls free"
                   for span in saying.free for build in builds
                   if span.covers(build) and item.covers(build)]
        faults += [f"{where} {build!r}, where {saying.provider} ends a range"
                   for build in saying.fixes if item.covers(build)]
    return faults[:1]


def fixes_elsewhere(record, item):
    """Single builds of a CVE record that any entry of the same record, whatever its product, takes for
    the fixed one: some CNAs write the fixed builds where the affected ones belong."""
    single = [span for span in item.spans if span[0] == 0 or span[1] == span[2]]
    fixes = {build for saying in record.sayings if saying.provider in ("cna", "adp")
             for build in saying.fixes + [span.low for span in saying.free if span.low == span.high]}
    return [f"{record.id} {item.model}: the build {span[1]!r} is fixed elsewhere in the record"
            for span in single for build in fixes
            if feeds_literal.reference.order(span[1], build) == 0][:1]


def prose_fixed(record, item):
    return [f"{record.id} {item.model}: {item.spans} covers {build!r}, fixed by {record.text[:200]!r}"
            for build in record.prose_on(item) if item.covers(build)][:1]


def strings_of(value):
    if isinstance(value, str):
        yield re.sub(r"\s+", " ", value)
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_of(inner)


def foreign_words(raw, item):
    """Quoted words of the statements that the record does not have."""
    there = "\n".join(strings_of(raw))
    for statement in item.statements:
        for reading in statement.get("readings", []):
            for quoted in QUOTED.findall(reading.get("words", "")):
                if re.sub(r"\s+", " ", quoted)[:80] not in there:
                    yield f"{item.id} {item.model}: the words {quoted!r} are not in the record"
            if not reading.get("words"):
                yield f"{item.id} {item.model}: a reading without words"


class Feed:
    def __init__(self, feed, folder, files):
        self.feed = feed
        self.raw = list(feeds_literal.records(feed, files))
        self.kept = list(feeds_kept.read(folder))
        by_record = defaultdict(list)
        for item in self.kept:
            ids = {statement.get("record", item.id) for statement in item.statements} or {item.id}
            for one in ids:
                by_record[one].append(item)
        self.by_record = by_record

    def each(self, check):
        """The faults that check finds in all files on all records that say builds."""
        faults = []
        for raw in self.raw if self.feed in feeds_literal.READERS else []:
            record = Record(self.feed, raw, self.by_record[record_id(self.feed, raw)])
            faults += [fault for item in record.kept if item.spans for fault in check(record, item)]
        return list(dict.fromkeys(faults))

    def words(self):
        return [fault for raw in self.raw if self.feed != "kev"
                for item in self.by_record[record_id(self.feed, raw)]
                for fault in foreign_words(raw, item)]

    def unreasoned(self):
        return [f"{item.path}: review without a reason" for item in self.kept
                if item.answer == "review" and not item.reasons]

    def figures(self, printed, refused_n):
        """Whether the printed figures add up and are those of the folder."""
        match = LAST_LINE.match(printed.splitlines()[-1] if printed.strip() else "")
        if match is None:
            return ["the last line has no figures"]
        records_n, *answers = map(int, match.groups())
        best = Counter(max((item.answer for item in self.by_record[record_id(self.feed, raw)]),
                           key=RANK.get, default="review") for raw in self.raw)
        found = [best["listed"], best["exact"], best["review"] - refused_n]
        faults = [] if sum(answers) == records_n else [f"{answers} are not {records_n}"]
        there = len(self.raw) - refused_n
        faults += [] if records_n == there else [f"{records_n} counted, {there} there"]
        return faults + ([] if found == answers else [f"{answers} printed, {found} in the folder"])

    def row(self):
        reasons = Counter(reason for item in self.kept if item.answer == "review"
                          for reason in set(item.reasons)).most_common()
        answers = Counter(item.answer for item in self.kept)
        return (f"# files {len(self.kept)}, listed {answers['listed']}, exact {answers['exact']}, "
                f"review {answers['review']}: " + ", ".join(f"{name} {n}" for name, n in reasons))


def main(first, name, printed, folder, *files):
    checked, output = Feed(name.split("-")[0], folder, files), pathlib.Path(printed)
    refused_n = output.with_suffix(".err").read_text().count(": error: ")
    tests = (
        ("the figures add up and are those of the folder",
         checked.figures(output.read_text(), refused_n)),
        ("nothing is wider than the record's words", checked.each(wider)),
        ("no build that the record frees is covered", checked.each(frees)),
        ("no single build is fixed elsewhere in the record", checked.each(fixes_elsewhere)),
        ("no build that the record's text calls fixed is covered", checked.each(prose_fixed)),
        ("every review case has a reason", checked.unreasoned()),
        ("the words kept are the record's", checked.words()),
    )
    for number, (what, faults) in enumerate(tests, int(first)):
        print("not ok" if faults else "ok", number, f"- {name}: {what}")
        for fault in faults[:12]:
            print("#", fault)
    print(checked.row())
    return any(faults for _, faults in tests)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
