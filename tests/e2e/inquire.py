#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""inquire.py ADDRESS KEY: asks an authority's service about a signer's key; prints the reply in hex."""

import os
import socket
import sys

import cbor2

key = bytes.fromhex(sys.argv[2])
question = cbor2.dumps([2, os.urandom(16), key, bytes(384 - 53 - 3)])
service = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
service.settimeout(2)
service.connect((sys.argv[1], 6878))
service.send(question)
print(service.recv(2048).hex())
