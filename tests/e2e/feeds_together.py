# SPDX-License-Identifier: ISC
"""Checks a folder of several feeds against the folders of each alone: on no CVE and model do they come
to more together than one of them says, nor to more than a range that any of them lists.

    feeds_together.py TOGETHER ALONE...
"""

import sys
from collections import defaultdict

import feeds_kept
import feeds_oracle


def exceeding(item, alone):
    """A build that is covered together, and should not be; or None."""
    listed = [other for other in alone if other.answer == "listed"]
    for build in feeds_oracle.probes_of(item.spans):
        if item.covers(build) and not (any(other.covers(build) for other in alone)
                                       and all(other.covers(build) for other in listed)):
            return build
    return None


def main(together, *folders):
    alone, compared, faults = defaultdict(list), 0, 0
    for folder in folders:
        for item in feeds_kept.read(folder):
            alone[item.id, item.model].append(item)
    for item in feeds_kept.read(together):
        others = alone[item.id, item.model]
        build = exceeding(item, others)
        compared += len(others) > 1
        if build is not None:
            faults += 1
            said = [(other.answer, other.spans) for other in others]
            print(f"{item.id} {item.model}: {item.spans} covers {build!r}; alone {said}")
    print(f"{compared} answers of more than one feed, {faults} exceeding")
    return faults > 0 or compared == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
