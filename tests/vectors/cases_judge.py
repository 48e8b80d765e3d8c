# SPDX-License-Identifier: ISC
"""The cases of the judge (R4, R5, R9's use in it): what a device makes of one reply."""

import reference as ref
from cases_wire import BASE, BUILD, MODEL, VENDOR, flipped, key, seed
from reference import DAY_S, GOOD, REVOKED, SUSPENDED

HOUR_S = 3600
NOW = BASE + 30 * DAY_S
UNTIL = "V5.5.800 build 210628"
ONE, ONE_NEXT = "authority one current", "authority one next"
TWO, TWO_NEXT = "authority two current", "authority two next"
CVE = "CVE-2021-36260"


def anchors(*names, nexts=True):
    """Anchors of these authorities ("one", "two", ...)."""
    return [
        {
            "current": key(f"authority {name} current"),
            "next": key(f"authority {name} next") if nexts else None,
        }
        for name in names
    ]


def device(**new):
    base = {
        "vendor": VENDOR,
        "model": MODEL,
        "build": BUILD,
        "number": 0,
        "anchors": anchors("one"),
        "quorum": 0,
        "notice_only": False,
        "forwards": False,
        "enforce_when_forwarding": False,
        "firmware_time": BASE,
    }
    return {**base, **new}


def two(**new):
    return device(anchors=anchors("one", "two"), **new)


def bad(ident=CVE, since=NOW - 2 * DAY_S, ranges=None, reason=1):
    """A defect; `since` is its enforce-from."""
    return [ident, reason, since, "", "", ranges or [[1, "", UNTIL, 0]]]


def adv(by="signer one", at=-DAY_S, life=30 * DAY_S, defects=None, **new):
    """An advisory record issued at NOW + at."""
    fields = {"vendor": VENDOR, "model": MODEL, "issued": NOW + at, **new}
    defects = [bad()] if defects is None else defects
    body = [fields["vendor"], fields["model"], fields["issued"], fields["issued"] + life, defects]
    return ref.seal(seed(by), "advisory", body)


def std(by=ONE, on="signer one", at=-DAY_S, life=10 * DAY_S, level=GOOD, floor=0, vendors=()):
    """A standing record issued at NOW + at; floor is counted from NOW too unless it is 0."""
    issued = NOW + at
    body = [key(on), "Signer", level, issued, issued + life, floor and NOW + floor, list(vendors)]
    return ref.seal(seed(by), "standing", body)


def forged(record):
    return flipped(record, len(record) - 40)


def reply(*records, flags=0, clock=None):
    made = {"flags": flags, "records": list(records)}
    return {**made, "clock": clock} if clock else made


def clock(at=0, synced=True):
    return {"now": NOW + at, "synced": synced}


def case(name, rule, said, records, before=(), on=None, at=None, flags=0, held=None):
    """said: "fail", "notice", "fail:ID", "void:REASON", or "none" where no reason is asked."""
    what, _, detail = said.partition(":")
    verdict = what if what in ("fail", "notice") else "none"
    expect = {
        "verdict": verdict,
        "id": (detail or CVE) if verdict != "none" else None,
        "void": detail if what == "void" else None,
        "held": held or verdict,
    }
    return {
        "name": name,
        "rule": rule,
        "device": on or device(),
        "clock": at or clock(),
        "before": list(before),
        "reply": reply(*records, flags=flags),
        "expect": expect,
    }


def learned(on="signer one", by=ONE):
    """A reply that teaches a good standing and nothing else: its advisory is below the floor."""
    return reply(adv(by=on, at=-5 * DAY_S), std(by=by, on=on, floor=-4 * DAY_S))


PLAIN = [adv(), std()]
CUT = reply(*PLAIN)


def r4_b_and_c():
    yield case("a covered build fails", "R4", "fail", PLAIN)
    yield case("standing before advisory in the reply", "R4", "fail", PLAIN[::-1])
    yield case("the same records twice", "R10", "fail", PLAIN * 2)
    for what, new in (("vendor", {"vendor": "hikvision2"}), ("model", {"model": "ds-2cd2042wd"})):
        yield case(f"another {what}", "R4 b", "void:foreign", [adv(**new), std()])
    yield case("vendor and model exchanged", "R4 b", "void:foreign",
               [adv(vendor=MODEL, model=VENDOR), std()])
    yield case("vendor and model split elsewhere", "R4 b", "void:foreign",
               [adv(vendor="ab", model="c"), std()], on=device(vendor="a", model="bc"))
    yield case("fixed build", "R4 c", "void:covered", PLAIN, on=device(build=UNTIL))
    yield case("newer build", "R4 c", "void:covered", PLAIN, on=device(build="V5.6.0 build 1"))
    yield case("older build", "R4 c", "fail", PLAIN, on=device(build="V5.4.0 build 160530"))
    yield case("build of another kind", "R4 c", "void:covered", PLAIN, on=device(build="r25000"))
    yield case("build without runs", "R4 c", "void:covered", PLAIN, on=device(build="0.0.0"))
    yield case("withdrawal", "R4 c", "void:covered", [adv(defects=[]), std()])
    exact = bad(ranges=[[0, BUILD]])
    yield case("exact build", "R4 c", "fail", [adv(defects=[exact]), std()])
    yield case("exact build in another case", "R4 c", "void:covered", [adv(defects=[exact]), std()],
               on=device(build=BUILD.lower()))
    numbers = [adv(defects=[bad(ranges=[[2, 10, 20]])]), std()]
    yield case("number inside", "R4 c", "fail", numbers, on=device(number=20))
    yield case("number outside", "R4 c", "void:covered", numbers, on=device(number=21))
    yield case("no number", "R4 c", "void:covered", numbers)
    ranges = [[0, "x"], [2, 5, 6], [1, "9", "", 0], [1, "5.4", "5.5", 0]]
    yield case("the last of four ranges covers", "R4 c", "fail",
               [adv(defects=[bad(ranges=ranges)]), std()])


def r4_d():
    yield case("forged advisory", "R4 d", "void:signature", [forged(adv()), std()])
    yield case("forged standing", "R4 d, g", "void:standing", [adv(), forged(std())])
    yield case("forged, then true in a later reply", "R2", "fail", PLAIN,
               before=[reply(forged(adv()), std())])
    yield case("forged and true in one reply", "R4", "fail", [forged(adv()), adv(), std()])
    yield case("a forged newer one moves nothing", "R4 f", "fail", PLAIN,
               before=[reply(forged(adv(at=-HOUR_S)), std())])
    yield case("a forged withdrawal moves nothing", "R4 f", "fail", PLAIN,
               before=[learned(), reply(forged(adv(at=-HOUR_S, defects=[])), std())])
    yield case("a forged withdrawal releases nothing", "R6", "none",
               [forged(adv(at=-HOUR_S, defects=[]))], before=[CUT], held="fail")


def r4_e():
    yield case("issued a day ahead", "R4 e", "fail", [adv(at=DAY_S), std()])
    yield case("issued a day and a second ahead", "R4 e", "void:future", [adv(at=DAY_S + 1), std()])
    yield case("issued far ahead", "R4 e", "void:future",
               [adv(issued=(1 << 53) - 2, life=1), std()])
    yield case("far ahead, then a true one", "R4 e, f", "fail", PLAIN,
               before=[reply(adv(at=90 * DAY_S), std())])
    yield case("expires in a second", "R4 e", "fail",
               [adv(at=1 - 9 * DAY_S, life=9 * DAY_S), std()])
    yield case("expires now", "R4 e", "void:expired", [adv(at=-9 * DAY_S, life=9 * DAY_S), std()])
    yield case("expired long ago", "R4 e", "void:expired", [adv(at=-41 * DAY_S), std()])


def r4_f():
    newer, older, narrow = adv(at=-HOUR_S), adv(at=-2 * DAY_S), [bad(ranges=[[0, "x"]])]
    yield case("the same again", "R4 f", "fail", PLAIN, before=[CUT])
    yield case("a newer one", "R4 f", "fail", [newer, std()], before=[CUT])
    yield case("an older one", "R4 f", "void:rollback", [older, std()], before=[CUT], held="fail")
    yield case("equal time, other bytes", "R4 f", "void:rollback",
               [adv(defects=[bad("CVE-0000-0001")]), std()], before=[CUT], held="fail")
    yield case("an older one after a withdrawal", "R4 f", "void:rollback", PLAIN,
               before=[learned(), reply(adv(at=-HOUR_S, defects=[]))])
    yield case("an older one after a narrowed one", "R4 f", "void:rollback", PLAIN,
               before=[learned(), reply(adv(at=-HOUR_S, defects=narrow), std())])
    yield case("the one held after its withdrawal", "R4 f", "void:rollback", PLAIN,
               before=[CUT, reply(adv(at=-HOUR_S, defects=[]), std())])
    yield case("newer than a withdrawal", "R4 f", "fail", [adv(at=-60), std()],
               before=[learned(), reply(adv(at=-HOUR_S, defects=[]))])
    yield case("an unvouched newer one moves nothing", "R4 f, g", "fail", PLAIN,
               before=[reply(newer)])
    yield case("an unvouched withdrawal moves nothing", "R4 f, g", "fail", PLAIN,
               before=[reply(adv(at=-HOUR_S, defects=[]))])
    yield case("a newer one for another model moves nothing", "R4 f", "fail", PLAIN,
               before=[reply(adv(at=-HOUR_S, model="other"), std())])
    yield case("a newer one that expired moves nothing", "R4 e, f", "fail", PLAIN,
               before=[reply(adv(at=-HOUR_S, life=60), std())])
    yield case("a newer one under notice only moves too", "R4 f, i", "void:rollback", PLAIN,
               before=[reply(newer, std(), flags=2)], held="notice")
    yield case("a newer one with enforce-from ahead moves too", "R4 f, h", "void:rollback", PLAIN,
               before=[reply(adv(at=-HOUR_S, defects=[bad(since=NOW + DAY_S)]), std())],
               held="notice")
    other = [adv(by="signer two", at=-2 * DAY_S), std(on="signer two")]
    yield case("another signer's older one", "R4 f", "fail", other, before=[CUT])
    yield case("older and newer in one reply", "R4 f", "fail", [older, newer, std()])


def r4_g():
    yield case("no standing", "R4 g", "void:standing", [adv()])
    yield case("a standing held from before", "R5", "fail", [adv()], before=[learned()])
    yield case("a standing held from an earlier fail", "R5", "fail", [adv(at=-HOUR_S)],
               before=[CUT])
    yield case("standing of A with advisory of B", "R4 g", "void:standing",
               [adv(by="signer two"), std()])
    yield case("standing by a key that is no anchor", "R4 g", "void:standing",
               [adv(), std(by="nobody")])
    yield case("standing made by the signer itself", "R4 g", "void:standing",
               [adv(), std(by="signer one")])
    yield case("advisory signed by an anchor that nobody vouches for", "R4 g", "void:standing",
               [adv(by=ONE), std()])
    for level, name in ((SUSPENDED, "suspended"), (REVOKED, "revoked")):
        yield case(f"{name}", "R4 g", "void:standing", [adv(), std(level=level)])
        yield case(f"good, then newer {name}", "R4 g", "void:standing",
                   [adv(at=-60), std(at=-60, level=level)], before=[CUT], held="none")
        yield case(f"one good, one {name}, quorum 1 of 2", "R4 g", "void:standing",
                   [adv(), std(), std(by=TWO, level=level)], on=two(quorum=1))
        yield case(f"two good, one {name}, quorum 2 of 3", "R4 g", "void:standing",
                   [adv(), std(), std(by=TWO), std(by="authority three current", level=level)],
                   on=device(anchors=anchors("one", "two", "three")))
    yield case("vendor in scope", "R4 g", "fail", [adv(), std(vendors=[VENDOR])])
    yield case("vendor second in scope", "R4 g", "fail", [adv(), std(vendors=["ezviz", VENDOR])])
    yield case("vendor out of scope", "R4 g", "void:standing", [adv(), std(vendors=["ezviz"])])
    yield case("vendor in scope of one only, quorum 2", "R4 g", "void:standing",
               [adv(), std(), std(by=TWO, vendors=["ezviz"])], on=two())
    yield case("issued on the floor", "R4 g", "fail", [adv(), std(floor=-DAY_S)])
    yield case("issued below the floor", "R4 g", "void:floor",
               [adv(at=-DAY_S - 1), std(floor=-DAY_S)])
    yield case("the highest floor of two", "R4 g", "void:floor",
               [adv(at=-2 * DAY_S), std(), std(by=TWO, floor=-DAY_S)], on=two())
    yield case("the highest floor stays", "R5", "void:floor", [adv(at=-3 * DAY_S), std(at=-60)],
               before=[reply(adv(at=-4 * DAY_S), std(floor=-2 * DAY_S))])


def r4_g_quorum():
    both = [adv(), std(), std(by=TWO)]
    yield case("two authorities, quorum auto", "R4 g", "fail", both, on=two())
    yield case("one of two, quorum auto", "R4 g", "void:standing", PLAIN, on=two())
    yield case("one of two, quorum 1", "R4 g", "fail", PLAIN, on=two(quorum=1))
    yield case("one of two, quorum 2", "R4 g", "void:standing", PLAIN, on=two(quorum=2))
    yield case("two of three, quorum auto", "R4 g", "fail", both,
               on=device(anchors=anchors("one", "two", "three")))
    yield case("one anchor's standing repeated", "R4 g", "void:standing", [adv(), std(), std()],
               on=two())
    yield case("two standings of one authority's key", "R4 g", "void:standing",
               [adv(), std(), std(at=-HOUR_S)], on=two())
    yield case("current and next key of one authority", "R4 g", "void:standing",
               [adv(), std(), std(by=ONE_NEXT, at=-HOUR_S)], on=two())
    yield case("next and current key of one authority", "R4 g", "void:standing",
               [adv(), std(by=ONE_NEXT), std(at=-HOUR_S)], on=two())
    yield case("next key of one, current of the other", "R4 g", "fail",
               [adv(), std(by=ONE_NEXT), std(by=TWO)], on=two())
    yield case("both next keys", "R4 g", "fail",
               [adv(), std(by=ONE_NEXT), std(by=TWO_NEXT)], on=two())
    yield case("the second authority in a later reply", "R2, R4 g", "fail",
               [adv(), std(by=TWO)], before=[reply(*PLAIN)], on=two())
    yield case("two authorities on two signers", "R4 g", "void:standing",
               [adv(), std(), std(by=TWO, on="signer two")], on=two())
    yield case("one of two expired", "R4 g", "void:standing",
               [adv(), std(), std(by=TWO, at=-11 * DAY_S)], on=two())


def r5_time():
    yield case("standing expired", "R5", "void:standing", [adv(), std(at=-11 * DAY_S)])
    yield case("standing expires now", "R5", "void:standing", [adv(), std(at=-10 * DAY_S)])
    yield case("standing expires in a second", "R5", "fail", [adv(), std(at=1 - 10 * DAY_S)])
    later = clock(12 * DAY_S)
    yield case("a held standing has expired", "R5", "void:standing", [adv()],
               before=[{**learned(), "clock": clock()}], at=later)
    yield case("suspended counts past its expiry", "R5", "void:standing",
               [adv(), std(by=TWO, at=11 * DAY_S)],
               before=[reply(adv(), std(level=SUSPENDED), clock=clock())], at=later,
               on=two(quorum=1))
    yield case("revoked counts past its expiry", "R5", "void:standing",
               [adv(), std(by=TWO, at=11 * DAY_S)],
               before=[reply(adv(), std(level=REVOKED), clock=clock())], at=later, on=two(quorum=1))
    yield case("standing from the future", "R5", "void:standing", [adv(), std(at=10 * DAY_S)])
    yield case("from the future, then a true one", "R5", "fail", PLAIN,
               before=[reply(adv(), std(at=10 * DAY_S))])
    yield case("suspended from the future is not taken", "R5", "fail",
               [adv(), std(at=10 * DAY_S, level=SUSPENDED)], before=[CUT])
    yield case("revoked from the future is taken", "R5", "void:standing",
               [adv(), std(at=10 * DAY_S, level=REVOKED)], before=[CUT], held="none")


def r5_newest():
    on_hold, gone = std(at=-HOUR_S, level=SUSPENDED), std(at=-HOUR_S, level=REVOKED)
    yield case("older good after suspended", "R5", "void:standing", PLAIN,
               before=[reply(adv(), on_hold)])
    yield case("newer good after suspended", "R5", "fail", [adv(), std(at=-60)],
               before=[reply(adv(), on_hold)])
    yield case("older good after revoked", "R5", "void:standing", PLAIN,
               before=[reply(adv(), gone)])
    yield case("newer good after revoked", "R5", "void:standing", [adv(), std(at=-60)],
               before=[reply(adv(), gone)])
    yield case("newer suspended, then newest good, after revoked", "R5", "void:standing",
               [adv(), std(at=-60)],
               before=[reply(adv(), gone), reply(adv(), std(at=-90, level=SUSPENDED))])
    yield case("good, then older suspended", "R5", "fail",
               [adv(), std(at=-2 * DAY_S, level=SUSPENDED)], before=[CUT])
    yield case("good, then older revoked", "R5", "void:standing",
               [adv(), std(at=-2 * DAY_S, level=REVOKED)], before=[CUT], held="none")
    yield case("equal time, other bytes: the good one held stays", "R5", "fail",
               [adv(), std(level=SUSPENDED)], before=[CUT])
    yield case("equal time, other bytes: the suspended one held stays", "R5",
               "void:standing", PLAIN, before=[reply(adv(), std(level=SUSPENDED))])
    yield case("good for another signer says nothing", "R5", "void:standing",
               [adv(), std(on="signer two", at=-60)], before=[reply(adv(), on_hold)])
    yield case("the other authority's newer good does not lift a suspension", "R5",
               "void:standing", [adv(), std(by=TWO, at=-60)], before=[reply(adv(), on_hold)],
               on=two(quorum=1))
    yield case("newer word out of vendor scope", "R5", "void:standing",
               [adv(at=-60), std(at=-60, vendors=["ezviz"])], before=[CUT], held="none")


def r5_next_key():
    news = learned("signer two", ONE_NEXT)
    yield case("standing under the next key", "R5", "fail", [adv(), std(by=ONE_NEXT)])
    yield case("no next key known", "R5", "void:standing", [adv(), std(by=ONE_NEXT)],
               on=device(anchors=anchors("one", nexts=False)))
    yield case("next retires current: later current refused", "R5", "fail",
               [adv(), std(at=-60, level=SUSPENDED)], before=[reply(adv(), std(by=ONE_NEXT))])
    yield case("next retires current: a later current good is refused", "R5", "void:standing",
               [adv(), std(at=-60)], before=[news])
    yield case("next retires current: good held under current counts no more", "R5",
               "void:standing", [adv()], before=[learned(), news])
    for level, name in ((SUSPENDED, "suspended"), (REVOKED, "revoked")):
        yield case(f"next retires current: {name} under current is refused", "R5", "fail",
                   [adv(), std(at=-60, level=level), std(by=TWO)], before=[news],
                   on=two(quorum=1))
    yield case("next retires current: suspended held under current stays", "R5",
               "void:standing", [adv(), std(by=TWO)],
               before=[reply(adv(), std(level=SUSPENDED)), news], on=two(quorum=1))
    yield case("next lifts what current suspended", "R5", "fail",
               [adv(), std(by=ONE_NEXT)], before=[reply(adv(), std(level=SUSPENDED))])
    yield case("next lifts a suspension of a later date", "R5", "fail",
               [adv(), std(by=ONE_NEXT, at=-2 * DAY_S)],
               before=[reply(adv(), std(at=-HOUR_S, level=SUSPENDED))])
    yield case("next does not lift a revocation", "R5", "void:standing",
               [adv(), std(by=ONE_NEXT, at=-60)], before=[reply(adv(), std(level=REVOKED))])
    yield case("a forged standing under next retires nothing", "R5", "fail", PLAIN,
               before=[reply(adv(), forged(std(by=ONE_NEXT)))])
    yield case("one authority's next key does not retire the other's current", "R5", "fail",
               [adv(), std(by=TWO)], before=[reply(adv(), std(by=ONE_NEXT))], on=two())


def r4_h_and_i():
    def since(when):
        return [adv(defects=[bad(since=when)]), std()]

    yield case("enforce-from 0", "R4 h", "notice", since(0))
    yield case("enforce-from now", "R4 h", "fail", since(NOW))
    yield case("enforce-from in an hour", "R4 h", "notice", since(NOW + HOUR_S))
    yield case("enforce-from long ago", "R4 h", "fail", since(1))
    yield case("enforce-from 2^53 - 1", "R4 h", "notice", since((1 << 53) - 1))
    yield case("notice becomes fail by a fresh reply", "R4 h", "fail", PLAIN,
               before=[reply(*PLAIN, flags=2)])
    yield case("the reply's notice-only flag", "R4 i", "notice", PLAIN, flags=2)
    yield case("firmware says notice only", "R4 i", "notice", PLAIN, on=device(notice_only=True))
    yield case("forwards for others", "R4 i", "notice", PLAIN, on=device(forwards=True))
    allowed = {"forwards": True, "enforce_when_forwarding": True}
    yield case("forwards, firmware enforces all the same", "R4 i", "fail", PLAIN,
               on=device(**allowed))
    yield case("forwards, enforces, but the reply says notice only", "R4 i", "notice", PLAIN,
               on=device(**allowed), flags=2)
    yield case("forwards, enforces, but notice only", "R4 i", "notice", PLAIN,
               on=device(notice_only=True, **allowed))
    yield case("enforces when forwarding, forwards nothing", "R4 i", "fail", PLAIN,
               on=device(enforce_when_forwarding=True))


def naming():
    def named(*sinces):
        return [adv(defects=[bad(f"D{n}", since) for n, since in enumerate(sinces)]), std()]

    past, soon = NOW - 5 * DAY_S, NOW + DAY_S
    yield case("the earliest enforce-from names", "R4", "fail:D1", named(NOW - 60, past))
    yield case("ties: the first", "R4", "fail:D0", named(past, past))
    yield case("0 counts last", "R4", "fail:D1", named(0, past))
    yield case("0 counts after the future", "R4", "notice:D1", named(0, soon))
    yield case("all 0: the first", "R4", "notice:D0", named(0, 0))
    yield case("past before future", "R4", "fail:D1", named(soon, past, 0))
    mixed = [bad("D0", past, [[0, "other"]]), bad("D1", NOW - 60)]
    yield case("a defect that does not cover is not named", "R4 c", "fail:D1",
               [adv(defects=mixed), std()])
    mixed = [bad("D0", past, [[0, "other"]]), bad("D1", 0)]
    yield case("a defect that does not cover enforces nothing", "R4 c, h", "notice:D1",
               [adv(defects=mixed), std()])
    yield case("equal ids", "R4", "fail", [adv(defects=[bad(since=0), bad()]), std()])
    yield case("unknown reason", "3", "fail", [adv(defects=[bad(reason=99)]), std()])


def several_records():
    second = [adv(by="signer two"), std(on="signer two")]
    yield case("two signers", "R4", "fail", PLAIN + second)
    yield case("the first signer unvouched", "R4", "fail", [adv(), *second])
    yield case("the second signer unvouched", "R4", "fail", [*PLAIN, adv(by="signer two")])
    notice = [adv(by="signer two", defects=[bad("D9", 0)]), std(on="signer two")]
    yield case("one signer fails, one gives notice", "R4", "fail", notice + PLAIN)
    yield case("one signer for us, one for another model", "R4 b", "fail",
               [adv(by="signer two", model="other"), *PLAIN])
    yield case("one signer's withdrawal frees not from the other", "R6", "fail",
               [adv(by="signer two", defects=[]), std(on="signer two"), *PLAIN])
    yield case("two unvouched", "R4 g", "void:standing", [adv(), adv(by="signer two")])
    yield case("a malformed record besides", "3", "fail", [b"\x00", *PLAIN])
    yield case("an empty record besides", "3", "fail", [*PLAIN, b""])
    yield case("only malformed records", "3", "void:malformed", [adv()[:-1], b"\xff"])
    yield case("an advisory typed as standing besides", "3", "fail",
               [*PLAIN, ref.seal(seed("signer one"), "standing", [VENDOR, MODEL, 0, 1, []])])
    yield case("four records", "3", "fail", [*PLAIN, *second])
    yield case("five records", "3", "void:malformed", [*PLAIN, *second, std(at=-60)])
    yield case("unknown flag", "3", "void:malformed", PLAIN, flags=4)
    yield case("unknown flag with notice only", "3", "void:malformed", PLAIN, flags=6)
    yield case("more with records", "3", "void:malformed", PLAIN, flags=1)
    yield case("heard", "2", "none", [])
    yield case("more", "R1", "none", [], flags=1)
    yield case("a standing alone", "R5", "none", [std()])


def releases():
    yield case("withdrawal releases", "R6", "void:covered", [adv(at=-60, defects=[]), std()],
               before=[CUT], held="none")
    yield case("withdrawal without a standing releases", "R6", "void:covered",
               [adv(at=-60, defects=[])], before=[CUT], held="none")
    yield case("narrowed advisory releases", "R6", "void:covered",
               [adv(at=-60, defects=[bad(ranges=[[0, "x"]])])], before=[CUT], held="none")
    yield case("an older withdrawal does not", "R6", "void:rollback",
               [adv(at=-2 * DAY_S, defects=[]), std()], before=[CUT], held="fail")
    yield case("a withdrawal of the same time does not", "R6", "void:rollback",
               [adv(defects=[]), std()], before=[CUT], held="fail")
    yield case("another signer's withdrawal does not", "R6", "void:covered",
               [adv(by="signer two", at=-60, defects=[]), std(on="signer two")], before=[CUT],
               held="fail")
    yield case("a withdrawal for another model does not", "R6", "void:foreign",
               [adv(at=-60, defects=[], model="other"), std()], before=[CUT], held="fail")
    yield case("an expired withdrawal releases", "R6", "none",
               [adv(at=-HOUR_S, life=60, defects=[])], before=[CUT], held="none")
    yield case("a withdrawal from the future releases", "R6", "none",
               [adv(at=50 * DAY_S, defects=[])], before=[CUT], held="none")
    yield case("a floor above the advisory releases", "R5, R6", "void:floor",
               [adv(), std(at=-60, floor=-HOUR_S)], before=[CUT], held="none")
    yield case("a withdrawal from the future moves no rollback memory", "R6", "fail",
               [adv(at=-60), std()], before=[CUT, reply(adv(at=50 * DAY_S, defects=[]))])
    yield case("an unvouched withdrawal moves no rollback memory", "R6", "fail", PLAIN,
               before=[CUT, reply(std(level=SUSPENDED, at=-90)), reply(adv(at=-60, defects=[])),
                       reply(std(at=-30))])
    yield case("a withdrawal ends a notice", "R6", "void:covered", [adv(at=-60, defects=[]), std()],
               before=[reply(*PLAIN, flags=2)], held="none")


def without_anchors():
    bare = device(anchors=[])
    unsigned = forged(adv())
    yield case("no anchors: a notice", "R4", "notice", [adv()], on=bare)
    yield case("no anchors: standings change nothing", "R4", "notice", PLAIN, on=bare)
    yield case("no anchors: forged", "R4", "void:signature", [unsigned], on=bare)
    yield case("no anchors: another model", "R4", "void:foreign", [adv(model="x")], on=bare)
    yield case("no anchors: expired", "R4", "void:expired", [adv(at=-41 * DAY_S)], on=bare)
    yield case("no anchors: from the future", "R4", "void:future", [adv(at=9 * DAY_S)], on=bare)
    yield case("no anchors: not covering", "R4", "void:covered", PLAIN,
               on=device(anchors=[], build=UNTIL))
    yield case("no anchors: one advisory a datagram is verified", "R4", "void:signature",
               [unsigned, adv(by="signer two")], on=bare)
    yield case("no anchors: the first for us is verified", "R4", "notice",
               [adv(model="x"), adv(by="signer two", at=-41 * DAY_S), adv()], on=bare)
    yield case("no anchors: no rollback memory", "R4", "notice", [adv(at=-2 * DAY_S)],
               on=bare, before=[reply(adv())])
    yield case("no anchors: enforcing firmware too", "R4", "notice", [adv()],
               on=device(anchors=[], enforce_when_forwarding=True))


def time_of_1970():
    woke = {"now": 60, "synced": False}
    old = {"now": 60, "synced": False}

    def at_1970(name, rule, said, records, on=None, **more):
        return case(name, rule, said, records, on=on or device(), at=woke, **more)

    yield at_1970("1970: a fresh standing lifts the floor", "R9", "fail", PLAIN)
    yield at_1970("1970: expired before the firmware was built", "R9, R4 e", "void:expired",
                  [adv(issued=BASE - 40 * DAY_S, life=35 * DAY_S), std()])
    yield at_1970("1970: expired before the newest standing", "R9, R4 e", "void:expired",
                  [adv(at=-30 * DAY_S, life=27 * DAY_S), std()])
    yield at_1970("1970: the floor of an earlier reply", "R9, R4 e", "void:expired",
                  [adv(at=-30 * DAY_S, life=27 * DAY_S)], before=[reply(*PLAIN, clock=old)],
                  held="fail")
    yield at_1970("1970: an expired standing lifts the floor", "R9", "void:expired",
                  [adv(at=-30 * DAY_S, life=20 * DAY_S), std(at=-7 * DAY_S, life=DAY_S)])
    yield at_1970("1970: quorum 2, one authority lifts nothing", "R9", "void:standing",
                  [adv(), std(at=-HOUR_S)], on=two())
    yield at_1970("1970: quorum 2, both lift", "R9", "fail",
                  [adv(), std(at=-HOUR_S), std(by=TWO, at=-2 * HOUR_S)], on=two())
    far = BASE + 500 * DAY_S
    yield at_1970("1970: 500 days ahead is more than one step", "R9, R5", "void:standing",
                  [adv(issued=far), std(at=far - NOW)])
    near = BASE + 390 * DAY_S
    yield at_1970("1970: 390 days ahead is one step", "R9", "fail",
                  [adv(issued=near - DAY_S, defects=[bad(since=near - 2 * DAY_S)]),
                   std(at=near - NOW)])
    yield at_1970("1970: advisories never move the floor", "R9", "fail",
                  [adv(), std()], before=[reply(adv(by="signer two", at=300 * DAY_S), clock=old)])
    unsynced = clock(synced=False)
    yield case("unsynced: ahead of now, within 40 days of the newest standing", "R9", "fail",
               [adv(at=20 * DAY_S), std()], at=unsynced)
    yield case("unsynced: 41 days past the newest standing", "R9", "void:future",
               [adv(at=40 * DAY_S), std()], at=unsynced)
    yield case("unsynced: a clock that is ahead still counts", "R9", "void:expired", PLAIN,
               at=clock(60 * DAY_S, synced=False))
    yield case("a clock behind the firmware", "R9, R4 e", "void:expired",
               [adv(issued=BASE - 40 * DAY_S, life=35 * DAY_S), std()],
               at={"now": BASE - 30 * DAY_S, "synced": False})
    yield case("synced: 20 days ahead of now", "R4 e", "void:future", [adv(at=20 * DAY_S), std()])
    yield case("synced: an authority cannot run time forward", "R9", "fail", PLAIN,
               before=[reply(adv(by="signer two"), std(at=300 * DAY_S, on="signer two"))])
    yield case("an authority dates a revocation far ahead: other signers live on", "R9, R5", "fail",
               PLAIN,
               before=[reply(adv(by="signer two"),
                             std(at=300 * DAY_S, on="signer two", level=REVOKED))])


def judge_cases():
    groups = (
        r4_b_and_c, r4_d, r4_e, r4_f, r4_g, r4_g_quorum, r5_time, r5_newest, r5_next_key,
        r4_h_and_i, naming, several_records, releases, without_anchors, time_of_1970,
    )
    return [made for group in groups for made in group()]
