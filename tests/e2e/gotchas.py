# SPDX-License-Identifier: ISC
"""Checks folders that `muster import` wrote against feeds/expected.tsv. Prints TAP.

    gotchas.py MUSTER EXPECTED RUN FOLDER LIST [RUN FOLDER LIST ...]

LIST is what `muster sign` made of FOLDER: which builds are covered is asked of `muster explain`, so
that the whole way is tested, and not what the folder seems to say.
"""

import subprocess
import sys
from collections import defaultdict

import feeds_kept

FIELDS = ("run", "id", "model", "answer", "reasons", "covered", "free")


def read_rows(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield dict(zip(FIELDS, line.rstrip("\n").split("\t"), strict=True))


def words(field, separator):
    return [] if field == "-" else field.split(separator)


def is_listed(muster, file, model, build):
    """What a device of this model and build would be told."""
    asked = subprocess.run([muster, "explain", "--", file, *model.split("/", 1), build],
                           capture_output=True, text=True, check=False)
    if asked.returncode not in (0, 1):
        raise RuntimeError(f"explain {model} {build!r}: {asked.stderr}")
    return asked.returncode == 1


def faults_of(row, kept, muster, file):
    """What is wrong with one file's answer."""
    if kept.answer not in row["answer"].split("|"):
        return [f"{kept.model} is {kept.answer} ({', '.join(kept.reasons)}), {kept.spans}"]
    if kept.answer == "review":
        return [] if kept.reasons else [f"{kept.model} is review without a reason"]
    return [f"{kept.model} {'covers' if wrong else 'does not cover'} {build!r}: {kept.spans}"
            for key, wrong in (("covered", False), ("free", True))
            for build in words(row[key], "; ")
            if is_listed(muster, file, kept.model, build) == wrong]


def check(row, by_id, muster, file):
    mine = [kept for kept in by_id[row["id"]] if row["model"] in ("*", kept.model)]
    if not mine:
        there = [(kept.model, kept.answer) for kept in by_id[row["id"]]]
        return [] if "none" in row["answer"].split("|") else [f"not in the folder, which has {there}"]
    reasons = {reason for kept in mine for reason in kept.reasons}
    wanted = set(words(row["reasons"], "|"))
    faults = [fault for kept in mine for fault in faults_of(row, kept, muster, file)]
    if wanted and not wanted & reasons and all(kept.answer == "review" for kept in mine):
        faults.append(f"the reasons are {', '.join(sorted(reasons))}")
    return faults


def main(muster, expected, *runs):
    folders, files = {}, {}
    for run, folder, file in zip(runs[::3], runs[1::3], runs[2::3]):
        folders[run], files[run] = defaultdict(list), file
        for kept in feeds_kept.read(folder):
            folders[run][kept.id].append(kept)
    number = failed = 0
    for number, row in enumerate(read_rows(expected), 1):
        faults = check(row, folders[row["run"]], muster, files[row["run"]])
        print("not ok" if faults else "ok", number,
              f"- {row['run']}: {row['id']} {row['model']} is {row['answer'].replace('|', ' or ')}")
        for fault in faults:
            print("#", fault)
        failed += bool(faults)
    print(f"1..{number}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
