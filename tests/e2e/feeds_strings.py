# SPDX-License-Identifier: ISC
"""Makes two CVE records of every version string in a file: it stands as the version, and as lessThan.

    feeds_strings.py STRINGS.TSV STEP   (scheme, count, string, source); takes every STEP-th string,
                                        prints one record a line
"""

import json
import sys


def record(number, form, version):
    return {
        "dataType": "CVE_RECORD", "dataVersion": "5.1",
        "cveMetadata": {"cveId": f"CVE-{form}-{number:06d}", "state": "PUBLISHED",
                        "datePublished": "2015-05-05T12:00:00.000Z"},
        "containers": {"cna": {
            "descriptions": [{"lang": "en", "value": "A defect."}],
            "affected": [{"vendor": "acme", "product": f"cam{number}", "versions": [version]}]}}}


def main(path, step):
    with open(path, encoding="utf-8") as lines:
        strings = dict.fromkeys(line.rstrip("\n").split("\t")[2] for line in lines)
    for number, text in list(enumerate(strings))[::int(step)]:
        print(json.dumps(record(number, 7000, {"status": "affected", "version": text})))
        print(json.dumps(record(number, 8000, {"status": "affected", "version": "0", "lessThan": text,
                                               "versionType": "custom"})))


if __name__ == "__main__":
    main(*sys.argv[1:])
