# SPDX-License-Identifier: ISC
"""Damaged copies of a feed's records: whatever is broken in a record, no model's answer may cover a
build that the clean record's does not.

    feeds_mutants.py make FEED SEED COUNT OUT MAP FILE...   writes COUNT records as lines to OUT, each
                                                with an id of its own, and to MAP which was made of which
    feeds_mutants.py check FEED MAP CLEAN BROKEN            compares two folders; prints faults, exits 1

Only what makes a record ill-formed is done to it: members that its format demands are taken away,
values get another type, texts become huge or get characters in that no build has. Changing a record
into another well-formed one would change what it says.
"""

import copy
import json
import random
import sys
from collections import defaultdict

import feeds_kept
import feeds_literal
import feeds_oracle

# Where a record speaks of builds, and which members its format demands there.
SCENES = {
    "cve5": (("containers",), {"version", "status", "at", "lang", "value"}),
    "nvd2": (("configurations", "descriptions"),
             {"vulnerable", "criteria", "cpeMatch", "nodes", "lang", "value"}),
    "csaf": (("product_tree", "vulnerabilities"),
             {"name", "category", "product", "product_id", "text", "details"}),
}
# Members that do not bear on builds: not damaged.
DULL = {"metrics", "references", "problemTypes", "credits", "timeline", "source", "impacts", "title",
        "x_legacyV4Record", "providerMetadata", "supportingMedia", "scores", "cwe", "involvements",
        "acknowledgments", "product_identification_helper", "threats", "weaknesses",
        "matchCriteriaId", "exploits", "workarounds"}
# Texts that say what the words are about, and prose: another text is another record, so they get
# only characters that no reader sees as they are.
NAMES = {"lang", "category", "versionType", "vendor", "product", "tags", "cve", "product_id", "value",
         "text", "details"}
SHOWN = 15
UNSEEN = ("\0", "\u200b", "\u202e", "\uff11", "\x1b[2J")
STRANGE = UNSEEN + ("\u00a0", "\u0441", "\u2013", "\U0001f600")


def places(value, path=()):
    """Every (path) below a value, as far as it bears on builds."""
    if not isinstance(value, (dict, list)):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if key not in DULL:
            yield path + (key,)
            yield from places(inner, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def is_name(holder, path):
    """Whether the text at path names something; of CSAF's branches only versions do not."""
    if path[-1] == "name":
        return not str(holder.get("category")).startswith("product_version")
    return bool(NAMES & set(path[-2:]))


def strange_text(text, pick, named):
    """The text with a character in it that no build has, or far too long."""
    if pick.random() < 0.3 and not named:
        return text + pick.choice("1A. ") * pick.choice((65, 300, 5000))
    where = pick.randrange(len(text) + 1)
    return text[:where] + pick.choice(UNSEEN if named else STRANGE) + text[where:]


def other_type(value, pick):
    deep = value
    for _ in range(pick.choice((1, 2, 20))):
        deep = [deep]
    choices = (None, 7, -1.5, True, [], {}, deep, {"value": value}, [value, value])
    return pick.choice([choice for choice in choices if type(choice) is not type(value)])


def damage(record, feed, pick):
    """Does one thing to the record; returns words on what."""
    roots, demanded = SCENES[feed]
    paths = [path for root in roots if root in record for path in places(record[root], (root,))]
    texts = [path for path in paths if isinstance(at(record, path), str)]
    path = pick.choice(texts if texts and pick.random() < 0.5 else paths)
    holder, key = at(record, path[:-1]), path[-1]
    value = holder[key]
    if key in demanded and isinstance(holder, dict) and pick.random() < 0.4:
        del holder[key]
        return f"without {'.'.join(map(str, path))}"
    if isinstance(value, str) and pick.random() < 0.8:
        holder[key] = strange_text(value, pick, is_name(holder, path))
        return f"strange text in {'.'.join(map(str, path))}"
    holder[key] = other_type(value, pick)
    return f"another type of {'.'.join(map(str, path))}"


def rename(record, feed, number):
    """Gives a copy ids of its own; returns old and new ids of its CVEs."""
    if feed == "cve5":
        old, record["cveMetadata"]["cveId"] = record["cveMetadata"]["cveId"], f"CVE-9000-{number:06d}"
        return {f"CVE-9000-{number:06d}": old}
    if feed == "nvd2":
        old, record["id"] = record["id"], f"CVE-9000-{number:06d}"
        return {f"CVE-9000-{number:06d}": old}
    record["document"]["tracking"]["id"] = f"ICSA-{number:06d}"
    names = {}
    for i, weakness in enumerate(record.get("vulnerabilities", [])):
        if "cve" in weakness:
            names[f"CVE-9{i:03d}-{number:06d}"] = weakness["cve"]
            weakness["cve"] = f"CVE-9{i:03d}-{number:06d}"
    return names


def make(feed, seed, count, out, mapping, *files):
    pick, whole = random.Random(int(seed)), list(feeds_literal.records(feed, files))
    whole = [record for record in whole if feed != "csaf" or len(json.dumps(record)) < 40000]
    with open(out, "w", encoding="utf-8") as lines, open(mapping, "w", encoding="utf-8") as names:
        for number in range(int(count)):
            record = copy.deepcopy(pick.choice(whole))
            renamed = rename(record, feed, number)
            what = damage(record, feed, pick)
            wrapped = {"cve": record} if feed == "nvd2" else record
            lines.write(json.dumps(wrapped) + "\n")
            for new, old in renamed.items():
                names.write(f"{new}\t{old}\t{what}\n")
    return 0


def widened(clean, broken):
    for build in feeds_oracle.probes_of(broken.spans):
        if broken.covers(build) and not any(item.covers(build) for item in clean):
            return build
    return None


def check(_feed, mapping, clean_folder, broken_folder):
    clean, origin, faults, said = defaultdict(list), {}, 0, 0
    for item in feeds_kept.read(clean_folder):
        clean[item.id, item.model].append(item)
    known = {key[0] for key in clean}
    with open(mapping, encoding="utf-8") as lines:
        for line in lines:
            new, old, what = line.rstrip("\n").split("\t")
            origin[new] = old, what
    for item in feeds_kept.read(broken_folder):
        old, what = origin.get(item.id, (None, None))
        if old not in known or not item.spans or (old, item.model) not in clean:
            continue
        said += 1
        build = widened(clean[old, item.model], item)
        if build is not None:
            faults += 1
            if faults > SHOWN:
                continue
            was = [(one.answer, one.spans) for one in clean[old, item.model]]
            print(f"{old} {item.model} as {item.id}, {what}: {item.spans} covers {build!r}; was {was}")
    print(f"{said} answers of damaged records compared, {faults} wider")
    return faults > 0 or said == 0


if __name__ == "__main__":
    sys.exit({"make": make, "check": check}[sys.argv[1]](*sys.argv[2:]))
