# SPDX-License-Identifier: ISC
"""The folder that `muster import` wrote, as tests read it: one Kept a file."""

import json
import pathlib
import sys
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "vectors"))
import reference  # noqa: E402


@dataclass
class Kept:
    """One CVE and model; model is "" where the record names none."""

    id: str
    model: str
    answer: str
    reasons: list
    statements: list
    spans: list = field(default_factory=list)  # as reference.covers takes them
    path: str = ""

    def covers(self, build):
        return any(covers(span, build) for span in self.spans)


def covers(span, build):
    """The protocol's answer; no for what is no build at all."""
    return build.isascii() and build.isprintable() and reference.covers(span, build, 0)


def spans_of(affected):
    """The natural ranges and exact builds of one entry of an OSV document."""
    spans = []
    for item in affected.get("ranges", []):
        low, high, bounds = "", "", 0
        for event in item["events"]:
            low = event.get("introduced", low)
            high = event.get("fixed", event.get("last_affected", high))
            bounds = 2 if "last_affected" in event else bounds
        spans.append(reference.parse_range([1, "" if low == "0" else low, high, bounds]))
    return spans + [(0, build) for build in affected.get("versions", [])]


def read_file(path):
    document = json.loads(path.read_text())
    made = document["database_specific"]["muster_import"]
    affected = document.get("affected", [])
    name = affected[0]["package"]["name"] if affected else ""
    kept = Kept(document["id"], "" if name == "/" else name, made["answer"], made.get("reasons", []),
                made.get("statements", []), path=str(path))
    if kept.answer != "review" and "withdrawn" not in document:
        for entry in affected:
            kept.spans += spans_of(entry)
    return kept


def read(folder):
    """Every file below the folder, but those whose names begin with a dot."""
    root = pathlib.Path(folder)
    for path in sorted(root.rglob("*.json")):
        if not any(part.startswith(".") for part in path.relative_to(root).parts):
            yield read_file(path)
