# SPDX-License-Identifier: ISC
"""The cases of natural order and of range matches, each with its expectation stated by hand."""

import itertools

import reference as ref
from cases_wire import bad_ranges
from reference import encode

# Builds as vendors print them, each line rising: every earlier one is below every later one.
PUBLIC_CHAINS = (
    ("Hikvision", "5.2.0 build 140805", "5.4.5 Build 160928", "V5.4.5 build 170124",
     "V5.5.800 build 210628"),
    ("Hikvision", "V1.3.0 build 210123", "V1.3.4 build 230919"),
    ("Hikvision", "V5.7.30 build 260326", "V5.7.30 build 260529"),
    ("Hikvision", "V5.5.90 build 240131", "V5.5.112 build 241021"),
    ("Hikvision", "V5.8.12 build 260407", "V5.11.0 build 260716"),
    ("Hikvision", "V4.73.109 build 250904", "V4.84.100 build 250918"),
    ("Zyxel", "5.10", "5.21 Patch 1", "5.36 Patch 2"),
    ("Zyxel", "6.10(AAOS.0)", "6.10(AAOS.4)"),
    ("Zyxel", "6.10\\(aaig.0\\)", "6.10\\(aaig.3\\)"),
    ("Zyxel", "4.16", "5.37_patch1"),
    ("Zyxel", "5.00", "5.35"),
    ("Zyxel", "5.21(AAZF.14)C0", "5.21(AAZF.15)C0"),
    ("D-Link", "1.00", "1.01b05-01"),
    ("D-Link", "1.0.2B05_20181206", "1.0.2B05_20181207"),
    ("Dahua", "2.800.0000000.28.R.20210901", "2.800.0000000.29.R.20210902"),
    ("Asus", "386.5_2", "386.6"),
    ("Asus", "386_47885", "386_48966"),
    ("Asus", "3.0.0.4.386_45956", "3.0.0.4.386_46065"),
    ("MikroTik", "6.41.3", "6.42rc20", "6.42rc27", "6.42"),
    ("Honeywell", "501.1", "501.6hf8"),
    ("Honeywell", "510.1", "510.2", "510.2hf12", "510.2 HF13"),
    ("Honeywell", "520.2", "520.2TCU2"),
    ("Honeywell", "511.1", "511.5tcu3"),
    ("SEL", "R316-V0", "R316-V4"),
    ("SEL", "r119-v0", "r150-v2"),
    ("Reolink", "v3.1.0.1643_2402218998", "v3.1.0.4381_2411301864"),
    ("Reolink", "v3.0.0.3715_2406271290", "v3.0.0.4348_2411261883"),
    ("Reolink", "v3.1.0.2649_23083101", "v3.1.0.3382_2404178024"),
    ("Reolink", "v3.3.0.387_25041745", "v3.3.0.456_26031912"),
    ("Reolink", "v3.1.0.1933_23032822_v1.0.0.93", "v3.1.0.2347_23061923_v1.0.0.93"),
    ("TP-Link", "1.1.14 Build 210825 Rel.54187n", "1.1.15 Build 211130 Rel.17042n"),
    ("TP-Link", "1.1.5 Build 210316 Rel.55925n", "1.1.9 Build 210518 Rel.44072n"),
    ("TP-Link", "1.0.2 Build 230620 Rel.55111n", "1.0.2 Build 230625 Rel.55987n"),
    ("TP-Link", "1.0.8 Build 230602 Rel.54641n", "1.0.10 Build 230612 Rel.51785n"),
    ("TP-Link", "1.3.6 Build 230914 Rel.86257n", "1.3.17 Build 260205 Rel.55044n"),
    ("Baicells", "1.3.5.6", "1.3.5.10"),
    ("Netgear", "1.0.6.74", "1.0.9.92"),
    ("Cisco", "9.14.1", "9.14.4.24"),
    ("Cisco", "1.1.0.5", "1.1.0.9"),
    ("QNAP", "4.3.4", "4.3.4.1282"),
    ("QNAP", "4.3.1.0013", "4.3.3.1252"),
    ("QNAP", "h4.5.0", "h4.5.4.2626_build_20231225"),
    ("Synology", "1.2", "1.2.5-8227-11"),
    ("Supermicro", "2.80F", "2.93A"),
    ("Rockwell", "33.011", "33.015"),
    ("Hitron", "1.02", "4.02"),
    ("Fujitsu", "v01l001", "V02L061"),
    ("Yokogawa", "R6.01.00", "R6.11.10"),
    ("Lexmark", "cxtmh.052.200", "cxtmh.052.204"),
    ("Hitachi", "1.3.0", "1.3.0.a6"),
    ("Citrix", "10", "10.1.129.11r1"),
    ("Siemens", "17", "17_update_8"),
    ("Unitree", "V1.1.7", "V1.1.9"),
    ("BlueMark", "20211210-1627", "20230329-1042"),
    ("Aruba", "6.4.0.0", "6.4.4.8-4.2.4.21"),
    ("Adtran", "11.1.0.101-202106231430", "12.6.3.1"),
    ("Gallagher", "9.00", "9.00.240521a"),
)

LONG = "1234567890" * 4

# Rising lines that no vendor printed; they fix the ranks and the steps.
MADE_CHAINS = (
    ("example of the design", "6.42rc20", "6.42", "6.42a", "6.42.1"),
    ("pre-release words", "1dev", "1snapshot", "1alpha", "1beta", "1pre", "1preview", "1rc", "1"),
    ("pre-release words with numbers", "1.0-alpha.2", "1.0-alpha.10", "1.0-beta.1", "1.0-rc.1"),
    ("the end, other letters, digits", "2rc", "2", "2a", "2b", "2.1"),
    ("inside a build", "1.0rc1", "1.0-1", "1.0.1.1"),
    ("a word that only begins like one", "1rc", "1", "1prerelease", "1rcs"),
    ("words by their bytes", "1a", "1aa", "1ab", "1b", "1ba"),
    ("digits by value", "1.9", "1.10", "1.99", "1.100"),
    ("digits past 2^31", "1.2147483647", "1.2147483648"),
    ("digits past 2^32", "1.4294967295", "1.4294967296", "1.4294967297"),
    ("digits past 2^64", "1.18446744073709551615", "1.18446744073709551616"),
    ("digits of 40 figures", "1." + LONG, "1." + LONG[:-1] + "1", "1.1" + LONG),
    ("digits of 62 figures", "1." + "9" * 61, "1.1" + "0" * 61),
    ("zero inside counts", "1", "1.0.1", "1.1"),
    ("zero kept before a digit", "1a", "1.0.0.1", "1.0.1", "1.1"),
    ("first runs of unlike kind", "alpha", "beta1", "rc", "a", "b1", "1"),
    ("no runs is below all but pre-release words", "rc1", "", "a", "1"),
    ("1.0.9_b3 is above 1.0.9", "1.0.9", "1.0.9_b3"),
    ("a build tail is above its release", "5.4.5", "V5.4.5 build 170124"),
)

# Lines whose builds are all equal.
EQUAL = (
    ("design: 1.1 = 1.1.0", "1.1", "1.1.0", "1.1.0.0", "v1.1"),
    ("case", "V5.4.5 BUILD 170124", "v5.4.5 build 170124"),
    ("separators", "1.0.2", "1-0-2", "1_0 2", "(1)[0]{2}", "..1..0..2.."),
    ("letters need no separator", "1.2a3", "1.2.a.3", "1 2 A 3"),
    ("leading zeros of a run", "1.05", "1.5", "1.005"),
    ("leading v, then digits", "v1.0", "V1.0", "1.0", "1", "v.1", "v 1"),
    ("v before zeros only: nothing is left", "v0", "V0.0", "0", "0.0.0", "", "-", "..."),
    ("zeros before letters", "1.0rc1", "1rc1", "1.0.0-rc1", "1.0.0.rc.1.0"),
    ("zeros before letters in the middle", "2.0b3", "2b3", "2.00.b.3"),
    ("zeros alone before a word", "0a", "a", "0.0.a"),
    ("40 zeros", "1." + "0" * 40, "1"),
    ("40 zeros before a number", "1." + "0" * 40 + "7", "1.7"),
    ("only separators", "()", "_", " ", "/"),
    ("v alone is a word", "v", "V", "v."),
    ("v and a word", "v-a", "V_A", "v.a.0"),
)

# Single pairs with their result.
PAIRS = (
    ("va is one run", "va1", "v1", -1),
    ("vv1 keeps its word", "vv1", "1", -1),
    ("only one v is dropped", "v.v1", "v1", -1),
    ("v inside is a word", "1.v2", "1.2", -1),
    ("v is dropped before zeros are: v0.1 is 0.1", "v0.1", "0.1", 0),
    ("0.v1 becomes v1 after the v step: the word stays", "0.v1", "1", -1),
    ("0.v1 is v, then 1", "0.v1", "v.0.v1", 0),
    ("0.1 keeps its zero", "0.1", "1", -1),
    ("0.0.1 below 0.1", "0.0.1", "0.1", -1),
    ("rc above preview", "2preview9", "2rc0", -1),
    ("rc0 is rc", "2rc0", "2rc", 0),
    ("rc below rc1", "2rc", "2rc1", -1),
    ("rc of rc", "2rc.rc", "2rc", -1),
    ("RC is rc", "6.42RC20", "6.42rc20", 0),
    ("'build' is an ordinary word", "5.4.5 build 1", "5.4.5", 1),
    ("a long word", "1" + "z" * 60, "1" + "z" * 59 + "a", 1),
    ("a prefix word", "1zz", "1zzz", -1),
    ("digits beat any word", "1zzzz", "1.0.0.1", -1),
    ("punctuation has no weight", "1!2", "1~2", 0),
    ("tilde is no pre-release", "1.0~1", "1.0", 1),
    ("plus separates", "1.0+5", "1.0.5", 0),
    ("dates by value", "20211210", "20230329", -1),
    ("hexadecimal is runs", "1f", "1e9", 1),
    ("commit ids are runs", "9f3a", "10ab", -1),
    ("empty against empty", "", "", 0),
    ("long equal numbers", LONG, LONG, 0),
    ("long numbers, last figure", LONG + "1", LONG + "2", -1),
    ("long number with a leading zero", "0" + LONG, LONG, 0),
)


def chain_cases(chains):
    for title, *line in chains:
        for a, b in itertools.combinations(line, 2):
            yield f"{title}: {a} below {b}", a, b, -1


def equal_cases():
    for title, first, *others in EQUAL:
        for other in others:
            yield f"{title}: {first!r} equals {other!r}", first, other, 0


def order_cases():
    listed = [*chain_cases(PUBLIC_CHAINS), *chain_cases(MADE_CHAINS), *equal_cases(), *PAIRS]
    turned = [(f"{name}, turned round", b, a, -e) for name, a, b, e in listed[::4]]
    return [
        {"name": name, "a": a, "b": b, "expect": expect} for name, a, b, expect in listed + turned
    ]


# -------------------------------------------------------------------- ranges

# name, range, {build (or (build, number)): expect}
RANGES = (
    ("exact build", [0, "V5.4.5 build 170124"], {
        "V5.4.5 build 170124": True, "v5.4.5 build 170124": False, "V5.4.5 build 17012": False,
        "V5.4.5 build 1701240": False, "V5.4.5  build 170124": False, "5.4.5 build 170124": False,
    }),
    ("exact build without runs", [0, "0.0.0"], {"0.0.0": True, "0.0": False, "1": False}),
    ("exact build is no order", [0, "1.1"], {"1.1.0": False, "1.1": True}),
    ("exact commit id", [0, "9f3a01c"], {"9f3a01c": True, "9f3a01d": False, "9F3A01C": False}),
    ("exact build of 64 characters", [0, "b" * 64], {"b" * 64: True, "b" * 63: False}),
    ("both ends open", [1, "", "", 0], {
        "1": True, "a": True, "rc1": True, "0.0.1": True,
        "0.0.0": False, "v0": False, "-": False, " ": False,
    }),
    ("both ends open with bound bits", [1, "", "", 3], {"1": True, "0": False}),
    ("before", [1, "", "V5.5.800 build 210628", 0], {
        "V5.4.5 build 170124": True, "V5.5.800 build 210627": True, "V5.5.800": True,
        "V5.5.800 build 210628": False, "v5.5.800 BUILD 210628": False, "5.5.800.210628": False,
        "V5.5.801": False, "V5.6": False, "SNAPSHOT r25000": False, "build 1": False, "0.0": False,
    }),
    ("up to and including", [1, "", "1.3.0", 2], {
        "1.3": True, "1.3.0.0": True, "v1.3": True, "1.2.9": True, "1.3rc1": True,
        "1.3.0.1": False, "1.3a": False,
    }),
    ("up to 5.4.5 does not reach its builds", [1, "", "5.4.5", 2], {
        "5.4.5": True, "V5.4.5 build 170124": False,
    }),
    ("from, included", [1, "2.0", "", 0], {
        "2.0": True, "2": True, "2.0.1": True, "10": True, "1.9": False, "2.0rc1": False,
        "a3": False, "v2": True,
    }),
    ("from, excluded", [1, "2.0", "", 1], {"2.0": False, "2": False, "2.0.1": True, "2a": True}),
    ("from excluded, open end's bit ignored", [1, "2.0", "", 3], {"2": False, "2.1": True}),
    ("open begin's bit ignored", [1, "", "2.0", 1], {"1": True, "2": False}),
    ("from included until excluded", [1, "1.2", "1.4", 0], {
        "1.1": False, "1.2": True, "1.3.9": True, "1.4rc1": True, "1.4": False, "1.4.0": False,
    }),
    ("from excluded until included", [1, "1.2", "1.4", 3], {
        "1.2": False, "1.2.0": False, "1.2.1": True, "1.4": True, "1.4.0": True, "1.4.1": False,
        "1.4a": False,
    }),
    ("both included", [1, "1.2", "1.4", 2], {"1.2": True, "1.4": True, "1.5": False}),
    ("both excluded", [1, "1.2", "1.4", 1], {"1.2": False, "1.3": True, "1.4": False}),
    ("a single build in natural order", [1, "1.1", "1.1.0", 2], {
        "1.1": True, "1.1.0": True, "V1.1": True, "1.1.1": False, "1.1rc1": False, "1": False,
    }),
    ("no exact build sneaks past 2^32", [1, "", "1.4294967295", 0], {
        "1.4294967294": True, "1.4294967296": False, "1.18446744073709551616": False,
    }),
    ("bounds of 40 figures", [1, "1." + "5" * 40, "1." + "7" * 40, 0], {
        "1." + "5" * 40: True, "1." + "6" * 40: True, "1." + "7" * 40: False,
        "1." + "6" * 39: False, "1." + "6" * 41: False,
    }),
    ("like with like: letters", [1, "", "r26000", 0], {
        "r25000": True, "R25000": True, "r26000": False, "25000": False, "s1": False,
        "SNAPSHOT r25000": False, "q1": False, "r": True,
    }),
    ("like with like: a word with both bounds", [1, "h4.5.0", "h4.5.4.2626", 0], {
        "h4.5.1": True, "h4.5.4.2626": False, "4.5.1": False, "i4.5.1": False, "h4.5": True,
    }),
    ("like with like: a pre-release word", [1, "", "beta5", 0], {
        "beta4": True, "beta5": False, "alpha1": False, "rc1": False, "1": False,
    }),
    ("like with like: v and a word", [1, "", "v.r5", 0], {"v.r4": True, "r4": False, "v4": False}),
    ("like with like: below 23.05.4", [1, "", "23.05.4", 0], {
        "23.05.3": True, "22.03": True, "SNAPSHOT r25000": False, "r20000": False, "0.0.0": False,
        "0.1": True, "rc5": False,
    }),
    ("candidates are below their release", [1, "", "6.42", 0], {
        "6.42rc20": True, "6.42": False, "6.41.3": True, "6.42.1": False,
    }),
    ("numbers", [2, 100, 200], {
        ("1.0", 99): False, ("1.0", 100): True, ("1.0", 150): True, ("1.0", 200): True,
        ("1.0", 201): False, ("1.0", 0): False,
    }),
    ("numbers from 0 never match number 0", [2, 0, 5], {
        ("1.0", 0): False, ("1.0", 1): True, ("1.0", 5): True, ("1.0", 6): False,
    }),
    ("numbers 0 to 0 match nothing", [2, 0, 0], {("1.0", 0): False, ("1.0", 1): False}),
    ("numbers ask for no runs", [2, 1, 9], {("0.0.0", 5): True, ("0.0.0", 10): False}),
    ("numbers at 2^32", [2, 2**32, 2**32 + 1], {
        ("1", 2**32): True, ("1", 1): False, ("1", 2**32 - 1): False, ("1", 2**32 + 2): False,
    }),
    ("numbers at 2^53", [2, 2**53, 2**53], {
        ("1", 2**53): True, ("1", 2**53 + 1): False, ("1", 2**53 - 1): False,
    }),
    ("numbers to the end", [2, 2**63, 2**64 - 1], {
        ("1", 2**63 - 1): False, ("1", 2**63): True, ("1", 2**64 - 1): True,
    }),
    ("a number is not a build", [0, "7"], {("1.0", 7): False, ("7", 0): True}),
)


def range_case(name, item, at, expect):
    build, number = at if isinstance(at, tuple) else (at, 0)
    return {
        "name": name, "range": encode(item), "build": build, "number": number, "expect": expect,
    }


def broken_encodings():
    yield "nothing", b""
    yield "trailing byte", encode([0, "1.0"]) + b"\0"
    yield "cut", encode([0, "1.0"])[:-1]
    yield "array length in one extra byte", b"\x98\x02" + encode([0, "1.0"])[1:]
    yield "indefinite array", b"\x9f" + encode([0, "1.0"])[1:] + b"\xff"
    yield "number not shortest", bytes.fromhex("8302180518ff")
    yield "count of 2^32 - 1", bytes.fromhex("9affffffff00")
    yield "build of 2^64 - 1 bytes", bytes.fromhex("82007bffffffffffffffff31")


def range_cases():
    cases = []
    for name, item, expected in RANGES:
        for at, expect in expected.items():
            shown = at if isinstance(at, str) else f"number {at[1]}"
            cases.append(range_case(f"{name}: {shown}", item, at, expect))
    for name, item in bad_ranges():
        cases.append(range_case(f"malformed: {name}", item, "1.0", "malformed"))
    for name, data in broken_encodings():
        cases.append({**range_case(f"malformed: {name}", [], "1.0", "malformed"), "range": data})
    return cases


def check_order(case):
    return ref.order(case["a"], case["b"])


def check_range(case):
    try:
        span = ref.parse_range(ref.decode(case["range"]))
    except ref.Malformed:
        return "malformed"
    return ref.covers(span, case["build"], case["number"])
