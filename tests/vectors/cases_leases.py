# SPDX-License-Identifier: ISC
"""The stories of leases, rechecks, notices, overrides and restarts (R6, R7, R11) on virtual time.

Times are chosen so that no jitter can decide: a report comes within 30 s of an attachment, a
recheck within 54 to 66 minutes, an end by time within an hour.
"""

from cases_judge import HOUR_S, NOW, PLAIN, UNTIL, adv, bad, clock, device, forged, learned, std
from reference import DAY_S, REVOKED, SUSPENDED

MINUTE_S = 60
LONG_LIVED = [adv(), std(at=-HOUR_S, life=14 * DAY_S)]
LEARNED = learned()["records"]
WITHDRAWAL = adv(at=-60, defects=[])


def do(at, what, **arguments):
    return {"at_s": at, "do": what, **arguments}


def auto(at, *records, flags=0):
    """From now on every report sent is answered so."""
    return do(at, "reply", auto=True, flags=flags, records=list(records))


def silence(at):
    return do(at, "reply", auto=True, flags=0, records=None)


def once(at, *records, flags=0, **more):
    """The owner asks for a report; it is answered once, two seconds later."""
    return [do(at, "manual"), answer(at + 2, *records, flags=flags, **more)]


def answer(at, *records, flags=0, **more):
    return do(at, "reply", flags=flags, records=list(records), **more)


def sees(at, quarantined, verdict=None):
    expect = {"quarantined": quarantined}
    return {"at_s": at, "expect": {**expect, "verdict": verdict} if verdict else expect}


def fails(at):
    return sees(at, True, "fail")


def notice(at):
    return sees(at, False, "notice")


def free(at):
    return sees(at, False, "none")


def first(*records, flags=0):
    """Attachment at 0 answered with these records, silence from 120 s on."""
    return [auto(0, *records, flags=flags), do(0, "attach"), silence(120)]


def case(name, rule, *steps, on=None):
    flat = [s for step in steps for s in (step if isinstance(step, list) else [step])]
    assert all(a["at_s"] <= b["at_s"] for a, b in zip(flat, flat[1:])), name
    return {
        "name": name, "rule": rule, "device": on or device(), "clock": clock(), "steps": flat,
    }


CUT = first(*PLAIN)
CUT_LONG = first(*LONG_LIVED)


def leases():
    yield case("a fail cuts", "R6", CUT, fails(130))
    yield case("heard does not", "R6", first(), free(130))
    yield case("a lease renewed at every recheck", "R6", auto(0, *LONG_LIVED), do(0, "attach"),
               fails(120), fails(8 * DAY_S), fails(12 * DAY_S))
    yield case("silence: the lease ends after 7 days, within an hour more", "R6", CUT_LONG,
               fails(7 * DAY_S - HOUR_S), notice(7 * DAY_S + 90 * MINUTE_S), notice(13 * DAY_S),
               free(14 * DAY_S + 3 * HOUR_S))
    again = [adv(), std(at=6 * DAY_S - HOUR_S)]
    yield case("a lease renewed on its sixth day", "R6", CUT, once(6 * DAY_S, *again),
               fails(7 * DAY_S + 2 * HOUR_S), fails(13 * DAY_S - HOUR_S),
               sees(13 * DAY_S + 90 * MINUTE_S, False))
    yield case("starts before the cut cost the lease nothing", "R6", first(), do(700, "restart"),
               do(705, "attach"), do(1500, "restart"), do(1505, "attach"), once(2300, *LONG_LIVED),
               fails(6 * DAY_S))
    restarts = [
        step for day in (1, 2, 3)
        for step in (do(day * DAY_S, "restart"), do(day * DAY_S + 5, "attach"))
    ]
    yield case("each restart counts as a day of the lease", "R9", CUT, restarts,
               fails(4 * DAY_S - HOUR_S), notice(4 * DAY_S + 2 * HOUR_S))
    yield case("a restart continues the quarantine", "R7", CUT, do(600, "restart"), fails(605),
               do(610, "attach"), fails(900))


def ends_by_time():
    short = [adv(life=4 * DAY_S), std()]
    yield case("the advisory expires", "R6", first(*short), fails(3 * DAY_S - HOUR_S),
               notice(3 * DAY_S + 90 * MINUTE_S))
    yield case("the standing expires", "R6", first(adv(), std(life=3 * DAY_S)),
               fails(2 * DAY_S - HOUR_S), notice(2 * DAY_S + 90 * MINUTE_S))
    yield case("an expired standing renews nothing", "R6, R5", auto(0, adv(), std(life=3 * DAY_S)),
               do(0, "attach"), fails(2 * DAY_S - HOUR_S), sees(2 * DAY_S + 90 * MINUTE_S, False))
    yield case("the clock is set forward past every expiry", "R6, R9", CUT,
               do(600, "clock", **clock(60 * DAY_S)), sees(600 + 3 * HOUR_S, False))
    older = [adv(at=-2 * DAY_S), std()]
    yield case("an older advisory renews nothing and is no away", "R6, R4 f", CUT,
               auto(200, *older), fails(6 * DAY_S), sees(7 * DAY_S + 90 * MINUTE_S, False))


def aways():
    yield case("two rechecks answered heard", "R6", CUT, auto(200), fails(50 * MINUTE_S),
               fails(80 * MINUTE_S), free(145 * MINUTE_S))
    yield case("aways 5 minutes apart do not count, 12 minutes do", "R6", CUT, once(600),
               once(900), fails(960), once(1320), free(1400))
    yield case("aways 16 minutes apart", "R6", CUT, once(600), fails(700), once(1560), free(1640))
    yield case("one away, then silence", "R6", CUT, once(600), fails(5 * DAY_S))
    yield case("silence neither counts nor resets", "R6", CUT, once(600), fails(10700),
               once(10800), free(10900))
    yield case("a restart between counts as 10 minutes", "R6", CUT, once(600), fails(690),
               do(700, "restart"), auto(700), do(705, "attach"), free(840))
    yield case("a restart and one away are not enough", "R6", CUT, do(700, "restart"), auto(700),
               do(705, "attach"), silence(840), fails(900), fails(6000))
    yield case("the count is saved", "R6, R7", CUT, once(600), do(700, "restart"),
               do(705, "attach"), fails(1500), once(1600), free(1700))
    yield case("a renewal resets the count", "R6", CUT, once(600), once(1300, *PLAIN),
               once(2000), fails(2080), once(2700), free(2780))
    yield case("a renewal wins over a heard in the same occasion", "R2, R6", CUT, once(600),
               answer(604, *PLAIN), once(1300), fails(1400), once(2000), free(2080))


def aways_by_content():
    def story(name, *records, flags=0, rule="R6"):
        return case(name, rule, CUT, auto(200, *records, flags=flags), fails(80 * MINUTE_S),
                    sees(145 * MINUTE_S, False))

    yield story("aways: an advisory on another model", adv(model="other"))
    yield story("aways: another signer's advisory not covering", adv(by="signer two", defects=[]))
    yield story("aways: only a standing", std(at=-60))
    yield story("aways: the true fail under notice only", *PLAIN, flags=2, rule="R6")
    yield story("aways: notice only without records", flags=2)
    yield story("aways: an older withdrawal", adv(at=-2 * DAY_S, defects=[]))
    yield case("a forged advisory that covers is no away", "R6", CUT,
               auto(200, forged(adv(at=-60)), std()), fails(5 * HOUR_S), fails(2 * DAY_S))
    yield case("an unvouched advisory that covers is no away", "R6", CUT,
               auto(200, adv(by="signer two")), fails(5 * HOUR_S))


def releases():
    def at_once(name, *records, rule="R6"):
        return case(name, rule, CUT, fails(590), once(600, *records), free(612))

    narrowed = adv(at=-60, defects=[bad(ranges=[[0, "x"]])])
    yield at_once("a withdrawal releases at once", WITHDRAWAL, std())
    yield at_once("a withdrawal without a standing", WITHDRAWAL)
    yield at_once("a narrowed advisory", narrowed, std())
    yield at_once("an expired withdrawal", adv(at=-HOUR_S, life=60, defects=[]))
    yield at_once("a withdrawal dated far ahead", adv(at=90 * DAY_S, defects=[]))
    yield at_once("suspended", adv(), std(at=-60, level=SUSPENDED))
    yield at_once("suspended, the standing alone", std(at=-60, level=SUSPENDED))
    yield at_once("revoked", adv(), std(at=-60, level=REVOKED))
    yield at_once("revoked, dated before the good one", adv(), std(at=-5 * DAY_S, level=REVOKED))
    yield at_once("the vendor leaves the signer's scope", adv(), std(at=-60, vendors=["ezviz"]))
    yield case("a newer advisory with enforce-from 0 makes a notice of it", "R6", CUT,
               once(600, adv(at=-60, defects=[bad(since=0)]), std()), notice(700))
    yield case("a floor above the advisory", "R5, R6", CUT,
               once(600, std(at=-60, floor=-HOUR_S)), free(612))
    yield case("a forged withdrawal does not", "R6", CUT, once(600, forged(WITHDRAWAL)), fails(700))
    yield case("an older withdrawal does not", "R6", CUT,
               once(600, adv(at=-2 * DAY_S, defects=[]), std()), fails(700))
    yield case("after a withdrawal the older fail is refused", "R4 f", CUT,
               once(600, WITHDRAWAL, std()), once(1300, *PLAIN), free(1400))
    yield case("rollback memory outlives a restart", "R4 f, R7", CUT, once(600, WITHDRAWAL, std()),
               do(700, "restart"), auto(700, *PLAIN), do(705, "attach"), free(840))
    renewed = [adv(at=-30), std(at=-30)]
    yield case("suspended, then good again", "R5", CUT,
               once(600, adv(), std(at=-60, level=SUSPENDED)), free(612),
               once(1300, *renewed), fails(1400))
    yield case("revoked is for good, a restart between", "R5, R7", CUT,
               once(600, adv(), std(at=-60, level=REVOKED)), free(612), do(700, "restart"),
               auto(700, *renewed), do(705, "attach"), free(840))


def two_signers():
    both = [*PLAIN, adv(by="signer two"), std(on="signer two")]
    second = adv(by="signer two", at=-60, defects=[])
    yield case("quarantine lasts while any lease stands", "R6", first(*both), fails(130),
               once(600, WITHDRAWAL), fails(700), once(1300, second), free(1312))
    yield case("one signer suspended, the other's lease stands", "R6", first(*both),
               once(600, std(at=-60, level=SUSPENDED)), fails(700))


def builds():
    yield case("a fixed build ends the quarantine", "R6, R7", CUT,
               do(600, "build", build=UNTIL, number=0), do(605, "attach"), free(660))
    yield case("a build still covered does not", "R6, R7", CUT,
               do(600, "build", build="V5.5.52 build 180620", number=0), do(605, "attach"),
               fails(660))
    numbered = [adv(defects=[bad(ranges=[[2, 10, 20]])]), std()]
    yield case("a fixed build by number", "R6", first(*numbered), fails(130),
               do(600, "build", build="V5.4.5 build 170124", number=21), do(605, "attach"),
               free(660), on=device(number=15))
    yield case("a fixed build is answered with the same fail", "R6", CUT,
               do(700, "build", build=UNTIL, number=0), auto(700, *PLAIN), do(705, "attach"),
               free(900))


def overrides():
    hour = 600 + HOUR_S
    yield case("an override ends the quarantine", "R11", CUT, do(600, "override"), sees(605, False),
               once(1300, *PLAIN), sees(1400, False))
    yield case("an override for an hour, then a report cuts", "R11, R7", CUT,
               do(600, "override", for_s=HOUR_S), auto(700, *PLAIN), sees(hour - 60, False),
               fails(hour + DAY_S + 300))
    fresh = [adv(at=29 * DAY_S), std(at=29 * DAY_S)]
    yield case("an override for 30 days by default", "R11, R7", CUT, do(600, "override"),
               auto(29 * DAY_S, *fresh), sees(30 * DAY_S, False), fails(31 * DAY_S + HOUR_S))
    yield case("restarts do not shorten an override", "R9, R11", CUT,
               do(600, "override", for_s=2 * DAY_S), do(700, "restart"), do(705, "attach"),
               do(1500, "restart"), do(1505, "attach"), do(2300, "restart"), do(2305, "attach"),
               once(DAY_S, *PLAIN), sees(DAY_S + 60, False))
    yield case("an override taken back sends a report", "R11", CUT, do(600, "override"),
               sees(605, False), auto(690, *PLAIN), do(700, "override_off"), fails(800))
    yield case("an override taken back, silence: no cut", "R11", CUT, do(600, "override"),
               do(700, "override_off"), sees(800, False))
    other = [adv(at=-60, defects=[bad("CVE-2017-7921")]), std()]
    yield case("an override is for the defects shown", "R11", CUT, do(600, "override"),
               once(1300, *other), fails(1400))
    yield case("emit off ends everything", "R6, R11", CUT, do(600, "emit_off"), free(610),
               auto(690, *PLAIN), do(700, "manual"), free(800), do(1500, "attach"), free(1700))


def notices():
    later = [adv(defects=[bad(since=NOW + 5 * DAY_S)]), std()]
    yield case("notice, then a fresh reply at enforce-from cuts", "R7", first(*later), notice(130),
               notice(5 * DAY_S - HOUR_S), auto(5 * DAY_S - HOUR_S, *later),
               fails(6 * DAY_S + 30 * MINUTE_S))
    soon = [adv(defects=[bad(since=NOW + DAY_S)]), std()]
    yield case("a saved notice starts no cut", "R7", first(*soon), notice(130),
               notice(2 * DAY_S + HOUR_S), do(2 * DAY_S + HOUR_S, "restart"),
               do(2 * DAY_S + HOUR_S + 5, "attach"), notice(2 * DAY_S + HOUR_S + 300),
               once(2 * DAY_S + 2 * HOUR_S, *soon), fails(2 * DAY_S + 2 * HOUR_S + 60))
    yield case("withdrawn before enforce-from: no cut", "R7", first(*soon), notice(130),
               auto(HOUR_S, WITHDRAWAL, std()), sees(2 * DAY_S + HOUR_S, False))
    yield case("one heard ends a notice", "R2, R6", first(*PLAIN, flags=2), notice(130),
               once(600), free(700))
    yield case("silence does not end a notice", "R6", first(*PLAIN, flags=2), notice(130),
               do(600, "manual"), notice(6 * DAY_S))
    yield case("a withdrawal ends a notice", "R6", first(*PLAIN, flags=2),
               once(600, WITHDRAWAL, std()), free(612))
    yield case("notice only lifted: the next reply cuts", "R4 i", first(*PLAIN, flags=2),
               once(600, *PLAIN), fails(700))
    yield case("a device that forwards is never cut", "R4 i", first(*PLAIN), notice(130),
               once(600, *PLAIN), notice(700), on=device(forwards=True))
    yield case("a device without anchors is never cut", "R4", first(*PLAIN), notice(130),
               once(600, *PLAIN), notice(700), on=device(anchors=[]))


def hostile_replies():
    quiet = [auto(0), do(0, "attach"), silence(120)]
    yield case("a reply with a wrong nonce does nothing", "R4 a", quiet, do(300, "manual"),
               answer(301, *PLAIN, wrong_nonce=True), free(302))
    yield case("a wrong nonce, then the true reply", "R2, R4 a", quiet, do(300, "manual"),
               answer(301, *PLAIN, wrong_nonce=True), answer(302, *PLAIN), fails(304))
    yield case("heard with a wrong nonce counts for nothing", "R4 a", CUT, do(600, "manual"),
               answer(602, wrong_nonce=True), do(1600, "manual"),
               answer(1602, wrong_nonce=True), fails(1800))
    yield case("a forged reply, then the true one in the same occasion", "R2", quiet,
               do(300, "manual"), answer(301, forged(adv()), std()), answer(302, *PLAIN),
               fails(304))
    yield case("a malformed reply, then the true one", "R2", quiet, do(300, "manual"),
               answer(301, *PLAIN, flags=4), free(302), answer(303, *PLAIN), fails(305))
    yield case("standing and advisory in two replies of one occasion", "R2", quiet,
               do(300, "manual"), answer(301, adv()), free(302), answer(303, *PLAIN), fails(305))
    yield case("an advisory, its standing in a later reply", "R2", quiet, do(300, "manual"),
               answer(301, adv()), free(302), answer(303, std()), fails(305))
    junk = [
        answer(302 + n, *(forged(adv(at=-DAY_S - 4 * n - i)) for i in range(4)))
        for n in range(15)
    ]
    yield case("junk spends the checks of this hour only", "R10", quiet, do(300, "manual"),
               answer(301, *LEARNED), junk, answer(317, *PLAIN), free(319),
               once(7500, *PLAIN), fails(7510))


def leases_cases():
    groups = (
        leases, ends_by_time, aways, aways_by_content, releases, two_signers, builds, overrides,
        notices, hostile_replies,
    )
    return [made for group in groups for made in group()]
