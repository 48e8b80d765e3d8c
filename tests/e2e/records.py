#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""records.py DIRECTORY: writes the records of the reply on standard input (hex) there, one file each."""

import sys

import cbor2

for number, record in enumerate(cbor2.loads(bytes.fromhex(sys.stdin.read().strip()))[3]):
    with open(f"{sys.argv[1]}/{number}", "wb") as file:
        file.write(record)
