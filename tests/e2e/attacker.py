#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Stands where the head-end should be and answers reports as an attacker would. Until killed.

attacker.py MODE ADDRESS PORT RECORD...     (records: files of single COSE_Sign1 records)

forged    the records, but the advisory signed by a key of the attacker's own, dated now
tampered  the records, but the advisory dated a second later under its old signature
replay    the records just as they are
nonce     the records, under a nonce that is not the device's
"""

import os
import socket
import sys
import time

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def sign_anew(record):
    """The same statement, dated now, under the attacker's key."""
    mine = Ed25519PrivateKey.from_private_bytes(b"\x66" * 32)
    key = mine.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    tag = cbor2.loads(record)
    header = cbor2.loads(tag.value[0])
    payload = cbor2.loads(tag.value[2])
    payload[2] = int(time.time())
    payload[3] = payload[2] + 20 * 86400
    protected = cbor2.dumps({1: -19, 4: key, 16: header[16]})
    body = cbor2.dumps(payload)
    signature = mine.sign(cbor2.dumps(["Signature1", protected, b"", body]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, body, signature]))


def redate(record):
    """The advisory a second later, its signature as it was."""
    tag = cbor2.loads(record)
    payload = cbor2.loads(tag.value[2])
    payload[2] += 1
    return cbor2.dumps(cbor2.CBORTag(18, tag.value[:2] + [cbor2.dumps(payload), tag.value[3]]))


def is_advisory(record):
    return b"muster-advisory" in record


def spoil(mode, record):
    if mode == "forged" and is_advisory(record):
        return sign_anew(record)
    if mode == "tampered" and is_advisory(record):
        return redate(record)
    return record


def main():
    mode, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    records = [spoil(mode, open(path, "rb").read()) for path in sys.argv[4:]]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.bind((address, port))
    print("ready", flush=True)
    while True:
        request, sender = server.recvfrom(2048)
        nonce = cbor2.loads(request)[1]
        if mode == "nonce":
            nonce = os.urandom(16)
        full = cbor2.dumps([3, nonce, 0, records])
        more = cbor2.dumps([3, nonce, 1, []])
        server.sendto(full if len(full) <= len(request) else more, sender)


main()
