# SPDX-License-Identifier: ISC
"""The cases of the floor of time (R9): a list of events and the hour after each.

Every case begins with the device's first start, its floor at the firmware's build time.
"""

from cases_wire import BASE
from reference import DAY_S

HOUR_S = 3600


def run(seconds, expect=None):
    return {"run_s": seconds, **stated(expect)}


def start(expect=None):
    return {"start": True, **stated(expect)}


def standing(authority, at, expect=None):
    return {"standing": {"authority": authority, "issued": BASE + at}, **stated(expect)}


def clock(at, synced, expect=None):
    return {"clock": {"now": BASE + at, "synced": synced}, **stated(expect)}


def stated(expect):
    return {} if expect is None else {"expect_now": BASE + expect}


def case(name, *steps, quorum=1, authorities=1):
    return {
        "name": name,
        "rule": "R9",
        "firmware_time": BASE,
        "quorum": quorum,
        "n_authorities": authorities,
        "steps": [start(DAY_S), *steps],
    }


def running():
    yield case("the first start counts as a day", run(0, DAY_S), run(60, DAY_S + 60))
    yield case("each start counts as one more day", run(600, DAY_S + 600), start(2 * DAY_S + 600),
               run(60, 2 * DAY_S + 660), start(3 * DAY_S + 660))
    yield case("thirty starts", *[start((n + 2) * DAY_S) for n in range(30)])
    yield case("a year of running", run(365 * DAY_S, 366 * DAY_S))


def clocks():
    yield case("a clock in 1970", clock(-BASE, False, DAY_S), run(60, DAY_S + 60))
    yield case("a clock behind the floor", clock(-DAY_S, True, DAY_S), run(60, DAY_S + 60))
    yield case("a clock ahead", clock(50 * DAY_S, True, 50 * DAY_S), run(60, 50 * DAY_S + 60))
    yield case("a clock ahead, not synchronised, counts too", clock(50 * DAY_S, False, 50 * DAY_S))
    yield case("a clock that falls back", clock(50 * DAY_S, True, 50 * DAY_S),
               clock(-DAY_S, False, DAY_S))
    yield case("a clock that catches up with running time", run(10 * DAY_S, 11 * DAY_S),
               clock(5 * DAY_S, True, 11 * DAY_S), clock(12 * DAY_S, True, 12 * DAY_S))


def rises():
    yield case("a standing lifts the floor", standing(0, 100 * DAY_S, 100 * DAY_S),
               run(60, 100 * DAY_S + 60))
    yield case("running time counts from the rise", run(DAY_S, 2 * DAY_S),
               standing(0, 100 * DAY_S, 100 * DAY_S), run(DAY_S, 101 * DAY_S))
    yield case("starts count from the rise", start(2 * DAY_S),
               standing(0, 100 * DAY_S, 100 * DAY_S), start(101 * DAY_S))
    yield case("an older standing lowers nothing", standing(0, 100 * DAY_S, 100 * DAY_S),
               run(2 * DAY_S, 102 * DAY_S), standing(0, 50 * DAY_S, 102 * DAY_S))
    yield case("a standing older than the firmware", standing(0, -30 * DAY_S, DAY_S))
    yield case("once per day", standing(0, 10 * DAY_S, 10 * DAY_S),
               run(HOUR_S, 10 * DAY_S + HOUR_S), standing(0, 40 * DAY_S, 10 * DAY_S + HOUR_S))
    yield case("again after a day", standing(0, 10 * DAY_S, 10 * DAY_S),
               run(25 * HOUR_S, 10 * DAY_S + 25 * HOUR_S), standing(0, 40 * DAY_S, 40 * DAY_S))
    yield case("a start counts as that day", standing(0, 10 * DAY_S, 10 * DAY_S),
               start(11 * DAY_S), standing(0, 40 * DAY_S, 40 * DAY_S))
    yield case("a standing that has surely expired is a replay", run(150 * DAY_S, 151 * DAY_S),
               standing(0, 59 * DAY_S, 151 * DAY_S))
    counted = [step for day in range(30) for step in (start(), start(), run(DAY_S))]
    yield case("days guessed for starts are corrected", *counted, run(0, 91 * DAY_S),
               standing(0, 25 * DAY_S, 25 * DAY_S), run(DAY_S, 26 * DAY_S))


def steps_of_400_days():
    yield case("400 days in one step", standing(0, 400 * DAY_S, 400 * DAY_S))
    yield case("401 days: 400 of them", standing(0, 401 * DAY_S, 400 * DAY_S))
    far, hours = 1000 * DAY_S, 25 * HOUR_S
    yield case("three steps for a thousand days", standing(0, far, 400 * DAY_S),
               run(hours, 400 * DAY_S + hours), standing(0, far, 800 * DAY_S + hours),
               run(hours, 800 * DAY_S + 2 * hours), standing(0, far, far))
    yield case("fast-forward to 2^53 - 2", standing(0, (1 << 53) - 2 - BASE, 400 * DAY_S),
               run(HOUR_S, 400 * DAY_S + HOUR_S),
               standing(0, (1 << 53) - 2 - BASE, 400 * DAY_S + HOUR_S))


def synchronised():
    ten = clock(10 * DAY_S, True, 10 * DAY_S)
    yield case("not past a synchronised clock and a day", ten, standing(0, 300 * DAY_S, 11 * DAY_S))
    yield case("up to a synchronised clock and a day", ten,
               standing(0, 10 * DAY_S + 5 * HOUR_S, 10 * DAY_S + 5 * HOUR_S))
    yield case("a clock not synchronised caps nothing", clock(10 * DAY_S, False, 10 * DAY_S),
               standing(0, 300 * DAY_S, 300 * DAY_S))
    yield case("a synchronised clock lowers no floor", standing(0, 300 * DAY_S, 300 * DAY_S),
               clock(10 * DAY_S, True, 300 * DAY_S))
    yield case("the floor holds when the clock is lost", ten, standing(0, 10 * DAY_S, 10 * DAY_S),
               clock(-DAY_S, False, 10 * DAY_S), run(HOUR_S, 10 * DAY_S + HOUR_S))


def quorums():
    def case_2(name, *steps, authorities=2):
        return case(name, *steps, quorum=2, authorities=authorities)

    yield case_2("quorum 2: one authority lifts nothing", standing(0, 100 * DAY_S, DAY_S),
                 standing(0, 200 * DAY_S, DAY_S))
    yield case_2("quorum 2: the second highest", standing(0, 300 * DAY_S, DAY_S),
                 standing(1, 100 * DAY_S, 100 * DAY_S))
    yield case_2("quorum 2: one runs ahead, the other holds",
                 standing(0, (1 << 53) - 2 - BASE, DAY_S), standing(1, 20 * DAY_S, 20 * DAY_S),
                 run(HOUR_S, 20 * DAY_S + HOUR_S))
    yield case_2("quorum 2 of 3: the second highest", standing(0, 30 * DAY_S, DAY_S),
                 standing(1, 20 * DAY_S, 20 * DAY_S), run(25 * HOUR_S, 20 * DAY_S + 25 * HOUR_S),
                 standing(2, 40 * DAY_S, 30 * DAY_S), authorities=3)
    yield case("quorum 1 of 2: the highest", standing(1, 50 * DAY_S, 50 * DAY_S), authorities=2)
    yield case("quorum 1 of 2: the lower one adds nothing", standing(1, 50 * DAY_S, 50 * DAY_S),
               run(25 * HOUR_S, 50 * DAY_S + 25 * HOUR_S),
               standing(0, 40 * DAY_S, 50 * DAY_S + 25 * HOUR_S), authorities=2)


def times_cases():
    groups = (running, clocks, rises, steps_of_400_days, synchronised, quorums)
    return [made for group in groups for made in group()]
