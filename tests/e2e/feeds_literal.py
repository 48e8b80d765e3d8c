# SPDX-License-Identifier: ISC
"""What the records of a feed say, taken literally, read without a look at the importers: which
builds a record calls affected, which it calls free, and of which products. Written from the feeds'
own formats (CVE JSON 5.1, NVD API 2.0, CSAF 2.0). Order is that of tests/vectors/reference.py.
"""

import json
import pathlib
import re
import sys
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "vectors"))
import reference  # noqa: E402

OPEN = {"", "*", "-", "0", "all", "n/a", "unspecified", "earlier", "all versions", "any", "0.0",
        "0.0.0", "0.0.0.0", "unknown", "v0", "versions", "version"}
FILLERS = re.compile(r"^(?:(?:all|any|the|firmware|software|versions?|ver\.?|release|v\.|fw)\s+|"
                     r"ver\.(?=\d))", re.I)
BUILD = re.compile(r"[A-Za-z0-9]")


@dataclass
class Span:
    """Builds between two bounds in natural order; "" is open. Like with like is not asked for."""

    low: str = ""
    high: str = ""
    low_excluded: bool = False
    high_included: bool = False

    def covers(self, build):
        if not reference.runs(build):
            return False
        if self.low and reference.order(build, self.low) < (1 if self.low_excluded else 0):
            return False
        return not self.high or reference.order(build, self.high) < (1 if self.high_included else 0)


@dataclass
class Branch:
    """Builds that begin so: "5.*"."""

    begin: str
    low: str = ""
    high: str = ""

    def covers(self, build):
        begin = reference.runs(self.begin)
        return reference.runs(build)[:len(begin)] == begin


@dataclass
class Saying:
    """One provider's word on one product and one CVE; unread are words that nobody can read."""

    cve: str
    names: set
    provider: str
    affected: list = field(default_factory=list)
    unread: list = field(default_factory=list)
    free: list = field(default_factory=list)  # Spans, Branches
    fixes: list = field(default_factory=list)  # excluded upper bounds: the first fixed builds
    everything: bool = False  # no more updates, all builds


def squash(*words):
    text = re.sub(r"[^a-z0-9]", "", " ".join(words).lower().replace("\\", ""))
    return re.sub(r"(?<=.)firmware", "", text)


def plain(text):
    """A text without CPE escapes, entities' and blanks' variety, and filler words in front."""
    text = re.sub(r"\\(?=[^\w\s\\])", "", text)
    text = re.sub(r"\s+", " ", text).strip(" .,;'\"")
    while FILLERS.match(text):
        text = FILLERS.sub("", text)
    return text


def is_open(text):
    return plain(text).lower() in OPEN


def build_of(text):
    """The build that a text is, or None."""
    text = plain(text)
    if not (text.isascii() and text.isprintable() and reference.runs(text)):
        return None
    if re.search(r"[<>=|*;]| and | or |, ", text) or len(text.split()) > 5:
        return None
    return text


LOW, HIGH = r"(?P<low>[^<>|]*?)", r"(?P<high>[^<>|]*?)"
EARLIER = r"(?:all )?(?:earlier|prior|below|lower|older|previous|before)(?: versions?)?"
# Words with one or two bounds, and whether the upper one is meant as well.
SENTENCES = [(re.compile(f"^{pattern}$", re.I), included) for pattern, included in (
    (rf">=?\s*{LOW}\s*(?:\||,|and)?\s*<=\s*{HIGH}", True),
    (rf">=?\s*{LOW}\s*(?:\||,|and)?\s*<\s*{HIGH}", False),
    (rf"(?:from )?{LOW}\s+(?:through|to|up to|thru|-|–)\s+{HIGH}", True),
    (rf"(?:<=|up to and including|up to|through|before or equal to)\s*{HIGH}", True),
    (rf"(?:<|before|prior to|earlier than|older than|lower than|below|less than)\s*{HIGH}", False),
    (rf"{HIGH},?\s+(?:and|or) {EARLIER}", True),
)]


def sentence(text):
    """The Span of words about versions, or None."""
    text = re.sub(r"^vers:\w+/", "", plain(text))
    for pattern, included in SENTENCES:
        match = pattern.match(text)
        if match is None:
            continue
        low = match.groupdict().get("low") or ""
        low, high = "" if is_open(low) else build_of(low), build_of(match["high"])
        if low is not None and high is not None:
            return Span(low, high, text.startswith(">") and text[1:2] != "=", included)
    build = build_of(text)
    return None if build is None else Span(build, build, False, True)


# ---------------------------------------------------------------------------- prose

FIXED_IN = re.compile(
    r"\b(?:before|prior to|fixed in|patched in|resolved in|earlier than|upgrad\w+ to|updat\w+ to|"
    r"older than)\s+(?:(?:the|firmware|software|version|versions|release|ver\.?|v\.|latest|fw)\s+)*"
    r"(?P<build>[vV]?[A-Za-z]{0,2}\d+[\w().\-]*(?:\s+[Bb]uild\s*\d+)?)", re.I)


def fixed_in_prose(text):
    """Builds that a text calls the first fixed ones; only what looks like one."""
    found = []
    for match in FIXED_IN.finditer(text):
        build = match["build"].rstrip(".,;" if "(" in match["build"] else ".,;)")
        if re.search(r"\d[._]\d|[Bb]uild", build) and reference.runs(build):
            found.append(build)
    return found


# ---------------------------------------------------------------------------- CVE JSON 5

def english(items):
    return " ".join(item.get("value", "") for item in items or [] if isinstance(item, dict)
                    and str(item.get("lang", "en")).startswith("en"))


def cpe_parts(criteria):
    return re.split(r"(?<!\\):", criteria)


def cve5_names(entry):
    vendor, product = str(entry.get("vendor", "")), str(entry.get("product", ""))
    names = {squash(product), squash(vendor, product)}
    if squash(product).startswith(squash(vendor)):
        names.add(squash(product)[len(squash(vendor)):])
    names.update(squash(cpe_parts(cpe)[4]) for cpe in entry.get("cpes", []) if len(cpe_parts(cpe)) > 5)
    return {name for name in names if name}


def split_changes(span, changes):
    """The parts of a span that stay affected, by "changes"."""
    parts, state, low, low_excluded = [], "affected", span.low, span.low_excluded
    for change in sorted(changes, key=lambda c: reference.order_key(c["at"])):
        if change["status"] == state or not span.covers(change["at"]):
            continue
        if state == "affected":
            parts.append(Span(low, change["at"], low_excluded, False))
        low, low_excluded, state = change["at"], False, change["status"]
    if state == "affected":
        parts.append(Span(low, span.high, low_excluded, span.high_included))
    return parts


def read_version(version, saying, unsupported):
    status, text = version.get("status"), str(version.get("version", ""))
    high = version.get("lessThan", version.get("lessThanOrEqual"))
    if high is None:
        span = sentence(text)
        if plain(text).lower() in OPEN and status == "affected":
            saying.everything |= unsupported
            return
    else:
        low = "" if is_open(text) else build_of(text)
        top = "" if plain(high) == "*" else build_of(re.sub("^[<=]+", "", plain(high)))
        span = None if low is None or top is None else Span(low, top, False, "lessThan" not in version)
        if top == "" and not low and status == "affected":
            saying.everything |= unsupported
            return
    branch = re.match(r"^([\w.]*\d)[.\w]*\.(?:\*|[xX])$", plain(text))
    if span is None and status == "unaffected" and branch and high is None:
        saying.free.append(Branch(re.sub(r"(?:\.[xX*])+$", "", plain(text))))
    elif span is None:
        saying.unread += [text] if status == "affected" else []
    elif status == "affected":
        saying.affected += split_changes(span, version.get("changes", []))
        saying.fixes += [span.high] if high is not None and "lessThan" in version and span.high else []
        saying.fixes += [c["at"] for c in version.get("changes", []) if c["status"] == "unaffected"]
    elif status == "unaffected":
        saying.free.append(span)


def read_cve5(record):
    """Sayings of one CVE record and the builds that its prose calls fixed."""
    meta, containers = record["cveMetadata"], record["containers"]
    cna = containers.get("cna", {})
    text = english(cna.get("descriptions"))
    unsupported = "unsupported-when-assigned" in cna.get("tags", []) or \
        "UNSUPPORTED WHEN ASSIGNED" in text or "no longer supported by the maintainer" in text
    sayings = []
    for provider, container in [("cna", cna)] + [("adp", adp) for adp in containers.get("adp", [])]:
        for entry in container.get("affected", []):
            saying = Saying(meta["cveId"], cve5_names(entry), provider)
            for version in entry.get("versions", []):
                read_version(version, saying, unsupported)
            sayings.append(saying)
    prose = fixed_in_prose(text + " \n " + english(cna.get("solutions")))
    return sayings, prose, text


# ---------------------------------------------------------------------------- NVD

def nvd_matches(record):
    """Each vulnerable match, with the names of the hardware that its configuration asks for."""
    for configuration in record.get("configurations", []):
        nodes = configuration.get("nodes", [])
        hardware = {squash(cpe_parts(match["criteria"])[4]) for node in nodes
                    for match in node.get("cpeMatch", [])
                    if not match.get("vulnerable") and match["criteria"].startswith("cpe:2.3:h:")}
        for node in nodes:
            for match in node.get("cpeMatch", []):
                if match.get("vulnerable"):
                    yield match, hardware


def nvd_bounds(match, saying):
    low = match.get("versionStartIncluding", match.get("versionStartExcluding", ""))
    high = match.get("versionEndIncluding", match.get("versionEndExcluding", ""))
    low, high = ("" if is_open(low) else build_of(low)), ("" if not high else build_of(high))
    if low is None or high is None:
        saying.unread.append(match["criteria"])
    else:
        saying.affected.append(Span(low, high, "versionStartExcluding" in match,
                                    "versionEndIncluding" in match))
        saying.fixes += [high] if "versionEndExcluding" in match else []


def read_match(match, hardware, cve):
    parts = cpe_parts(match["criteria"])
    saying = Saying(cve, {squash(parts[4]), squash(parts[3], parts[4])} | hardware, "nvd")
    if any(key.startswith("version") for key in match):
        nvd_bounds(match, saying)
    elif not is_open(parts[5]):
        build = build_of(parts[5] + ("" if parts[6] in "*-" else parts[6]))
        saying.affected += [Span(build, build, False, True)] if build else []
        saying.unread += [] if build else [match["criteria"]]
    return saying


def read_nvd2(record):
    text = english(record.get("descriptions"))
    sayings = [read_match(match, hardware, record["id"]) for match, hardware in nvd_matches(record)]
    return sayings, fixed_in_prose(text), text


# ---------------------------------------------------------------------------- CSAF

VERSIONS = ("product_version", "product_version_range")


def csaf_leaves(branches, path=()):
    for branch in branches or []:
        here = path + ((branch.get("category"), branch.get("name", "")),)
        if "product" in branch:
            yield branch["product"]["product_id"], here
        yield from csaf_leaves(branch.get("branches"), here)


def csaf_products(record):
    """product_id -> (names, words about versions)"""
    found = {}
    for product_id, path in csaf_leaves(record.get("product_tree", {}).get("branches")):
        names = [name for category, name in path if category not in VERSIONS]
        words = [name for category, name in path if category in VERSIONS]
        squashed = {squash(name) for name in names} | {squash(*names), squash(*names[-2:])}
        vendor, product = squash(names[0]) if names else "", squash(names[-1]) if names else ""
        if vendor and product.startswith(vendor):
            squashed.add(product[len(vendor):])
        found[product_id] = (squashed - {""}, words)
    return found


def read_csaf(record):
    products, sayings, prose, texts = csaf_products(record), [], [], []
    for weakness in record.get("vulnerabilities", []):
        status = weakness.get("product_status", {})
        texts += [note.get("text", "") for note in weakness.get("notes", [])]
        prose += fixed_in_prose(" ".join(texts[-len(weakness.get("notes", [])):]) + " " + " ".join(
            remedy.get("details", "") for remedy in weakness.get("remediations", [])))
        for kind, ids in status.items():
            for product_id in ids:
                names, words = products.get(product_id, (set(), []))
                saying = Saying(weakness.get("cve", ""), names, kind)
                spans = [sentence(word) for word in words] or [None]
                if kind in ("known_affected", "first_affected", "last_affected"):
                    saying.affected += [span for span in spans if span]
                    saying.unread += [] if all(spans) else words
                elif kind in ("fixed", "first_fixed", "known_not_affected"):
                    saying.free += [span for span in spans if span]
                for word, span in zip(words, spans):
                    if span and "<" in word and not span.high_included and kind == "known_affected":
                        saying.fixes.append(span.high)
                sayings.append(saying)
    return sayings, prose, " ".join(texts)


# ---------------------------------------------------------------------------- feeds

READERS = {"cve5": read_cve5, "nvd2": read_nvd2, "csaf": read_csaf}


def records(feed, paths):
    """The raw records of a feed's files."""
    for path in map(pathlib.Path, paths):
        if path.suffix == ".jsonl":
            yield from map(json.loads, path.read_bytes().splitlines())
            continue
        document = json.loads(path.read_bytes())
        if feed in ("nvd2", "kev") and "vulnerabilities" in document:
            for item in document["vulnerabilities"]:
                yield item.get("cve", item)
        elif feed == "nvd2":
            yield document.get("cve", document)
        else:
            yield document
