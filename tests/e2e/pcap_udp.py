#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Prints the packets of a pcap file (Ethernet): one a line, "source destination protocol port hex-payload".

`pcap_udp.py FILE` prints all IPv4 and IPv6 packets; port and payload are those of UDP and TCP, else 0 and "-".
"""

import ipaddress
import struct
import sys


def packets(data):
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8 : at + 12])[0]
        yield data[at + 16 : at + 16 + length]
        at += 16 + length


def decode(frame):
    kind, ip = frame[12:14], frame[14:]
    if kind == b"\x08\x00" and len(ip) >= 20:
        return ip[12:16], ip[16:20], ip[9], ip[(ip[0] & 15) * 4 : int.from_bytes(ip[2:4], "big")]
    if kind == b"\x86\xdd" and len(ip) >= 40:
        return ip[8:24], ip[24:40], ip[6], ip[40 : 40 + int.from_bytes(ip[4:6], "big")]
    return None


def main():
    for frame in packets(open(sys.argv[1], "rb").read()):
        packet = decode(frame)
        if packet is None:
            continue
        source, destination, protocol, rest = packet
        port, payload = 0, b""
        if protocol in (6, 17) and len(rest) >= 8:
            port = int.from_bytes(rest[2:4], "big")
            payload = rest[8:] if protocol == 17 else b""
        name = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp6"}.get(protocol, str(protocol))
        print(ipaddress.ip_address(source), ipaddress.ip_address(destination), name, port,
              payload.hex() or "-")


main()
