# SPDX-License-Identifier: ISC
"""The device of the protocol text in Python: the judge, what is remembered, leases and rechecks.

It runs on virtual time and sends nothing: a report is an occasion that a story answers. Inquiries
and the network's own rules are not here; the vectors do without them.
"""

import heapq
import itertools
from dataclasses import dataclass, field

import reference as ref
from reference import DAY_S, GOOD, REVOKED

HOUR_S = 3600
LEASE_S = 7 * DAY_S
OVERRIDE_S = 30 * DAY_S
AWAY_APART_S = 600
ATTACH_APART_S = 600
LISTEN_S = 30
CHECK_WINDOW_S = HOUR_S
CHECKS_MAX, CHECKS_KEPT = 64, 16
PACKET_GAPS_S = (3, 9, 27)
POLL_S = 60


@dataclass
class Authority:
    current: bytes
    next: object = None
    retired: bool = False

    def rank(self, key):
        """1 for the next key, 0 for the current one until it is retired, None for any other."""
        if key == self.next:
            return 1
        return 0 if key == self.current and not self.retired else None


@dataclass
class Signer:
    floor: int = 0
    standings: dict = field(default_factory=dict)
    newest: object = None


@dataclass
class Verdict:
    kind: str
    id: str
    data: bytes
    advisory: ref.Advisory
    defects: tuple
    lease_end: float
    enforce_from: int
    release_at: object = None
    was_fail: bool = False


@dataclass(frozen=True)
class Judgement:
    verdict: str = "none"
    id: object = None
    void: object = None


STRENGTH = {"none": 0, "notice": 1, "fail": 2}


class Memory:
    """Anchors, standings and rollback memory: what R5 keeps, without its limit of four signers."""

    def __init__(self, config, time):
        self.config, self.time = config, time
        self.authorities = [Authority(a["current"], a["next"]) for a in config["anchors"]]
        self.signers = {}

    def remembers(self, key):
        return bool(self.signer(key).standings)

    def signer(self, key):
        return self.signers.setdefault(key, Signer())

    def authority_of(self, key):
        for index, authority in enumerate(self.authorities):
            rank = authority.rank(key)
            if rank is not None:
                return index, rank
        return None

    def take(self, index, rank, standing, data):
        """R5: revoked whatever its date; else not from the future, and above what is held."""
        signer = self.signer(standing.signer)
        held = signer.standings.get(index)
        if standing.level != REVOKED and standing.issued > self.time.now() + DAY_S:
            return
        if rank == 1:
            self.authorities[index].retired = True
        if held and held[1].level == REVOKED:
            return
        above = held is None or (rank, standing.issued) > (held[0], held[1].issued)
        if standing.level != REVOKED and not above:
            return
        signer.standings[index] = (rank, standing, data)
        signer.floor = max(signer.floor, standing.floor)

    def vouches(self, index, held, look_at_time):
        rank, standing, _ = held
        if standing.level != GOOD or (rank == 0 and self.authorities[index].retired):
            return False
        if standing.vendors and self.config["vendor"] not in standing.vendors:
            return False
        return not look_at_time or self.time.now() < standing.expires

    def vouched(self, key, look_at_time=True):
        """R4 g without the floor; look_at_time False asks as if no standing had expired."""
        held = self.signer(key).standings
        if any(standing.level != GOOD for _, standing, _ in held.values()):
            return False
        n = sum(self.vouches(index, h, look_at_time) for index, h in held.items())
        return n >= self.time.quorum


class Device:
    def __init__(self, config, clock, rng):
        self.config, self.rng = dict(config), rng
        anchors = len(config["anchors"])
        quorum = config["quorum"] or (2 if anchors >= 2 else 1)
        self.time = ref.Time(config["firmware_time"], quorum, anchors)
        self.time.start()
        self.time.set_clock(clock["now"], clock["synced"])
        self.memory = Memory(self.config, self.time)
        self.verdicts, self.overrides = {}, []
        self.checks = (0, 0)
        self.occasion = None
        self.away_at, self.restarted_since_away = None, False
        self.emit, self.answer = True, None
        self.events, self.order = [], itertools.count()
        self.attached_at = None
        self.polling = False

    # ------------------------------------------------------------ the judge

    def verify(self, data):
        """R10: 64 checks in a window, 16 of them for rechecks; over that nothing verifies."""
        window = int(self.time.running_s // CHECK_WINDOW_S)
        used = self.checks[1] if self.checks[0] == window else 0
        recheck = self.quarantined() or (self.occasion and self.occasion["recheck"])
        if used >= (CHECKS_MAX if recheck else CHECKS_MAX - CHECKS_KEPT):
            return False
        self.checks = (window, used + 1)
        return ref.verify(data)

    def arrive(self, flags, records):
        """Judges one reply's records at once with all that is known, and acts on them."""
        parsed, malformed = [], False
        for data in dict.fromkeys(records):
            try:
                parsed.append((data, ref.parse_record(data)))
            except ref.Malformed:
                malformed = True
        advisories = [p for p in parsed if isinstance(p[1], ref.Advisory)]
        if self.config["anchors"]:
            standings = [p for p in parsed if isinstance(p[1], ref.Standing)]
            said = self.judge_all(standings, advisories, flags)
        else:
            said = self.judge_without_anchors(advisories)
        self.note_reply(flags, records, advisories, said)
        return self.summary(said, malformed)

    def judge_all(self, standings, advisories, flags):
        """Standings first; then the advisories, and those of this occasion that waited for them."""
        waiting = self.occasion["waiting"] if self.occasion else {}
        self.take_standings(standings, advisories + [w[:2] for w in waiting.values()])
        again = [waiting.pop(key) for key in list(waiting)]
        said = [self.judge(*w) for w in again + [(data, a, flags) for data, a in advisories]]
        for judgement, (data, advisory) in zip(said[len(again) :], advisories):
            if judgement.void in ("standing", "floor", "future"):
                waiting[advisory.key] = (data, advisory, flags)
        return said

    @staticmethod
    def summary(said, malformed):
        best = max(said, key=lambda j: STRENGTH[j.verdict], default=Judgement())
        if best.verdict != "none":
            return best
        void = next((j.void for j in said if j.void), "malformed" if malformed else None)
        return Judgement(void=void)

    def take_standings(self, standings, advisories):
        asked = {a.key for _, a in advisories if self.may_inquire(a)}
        genuine = []
        for data, standing in standings:
            found = self.memory.authority_of(standing.key)
            known = self.memory.remembers(standing.signer) or standing.signer in asked
            if found and known and self.verify(data):
                genuine.append((*found, standing, data))
        self.time.standings([(index, standing.issued) for index, _, standing, _ in genuine])
        for index, rank, standing, data in genuine:
            if self.memory.authority_of(standing.key):
                self.memory.take(index, rank, standing, data)
        for key, verdict in list(self.verdicts.items()):
            below = verdict.advisory.issued < self.memory.signer(key).floor
            if genuine and (below or not self.memory.vouched(key, look_at_time=False)):
                self.drop(key)

    def may_inquire(self, advisory):
        """R4's b, c and e; the first half of e is passed over while the clock is not set."""
        if not self.names_us(advisory) or not self.covering(advisory):
            return False
        ahead = self.time.synced and advisory.issued > self.time.now() + DAY_S
        return not ahead and self.time.now() < advisory.expires

    def covering(self, advisory):
        build, number = self.config["build"], self.config["number"]
        return tuple(d for d in advisory.defects if d.covers(build, number))

    def names_us(self, advisory):
        return (advisory.vendor, advisory.model) == (self.config["vendor"], self.config["model"])

    def time_fault(self, advisory):
        """R4 e: None, "future" or "expired"."""
        if self.time.now() >= advisory.expires:
            return "expired"
        newest = max(self.time.newest, default=0)
        latest = self.time.now() + DAY_S
        if not self.time.synced:
            latest = newest + ref.ADVISORY_LIFE_S if newest else ref.TIME_END
        return "future" if advisory.issued > latest else None

    def rollback(self, data, advisory):
        newest = self.memory.signer(advisory.key).newest
        if newest is None:
            return False
        return advisory.issued < newest[0] or (advisory.issued == newest[0] and data != newest[1])

    def standing_fault(self, advisory):
        if not self.memory.vouched(advisory.key):
            return "standing"
        return "floor" if advisory.issued < self.memory.signer(advisory.key).floor else None

    def judge(self, data, advisory, flags):
        if not self.names_us(advisory):
            return Judgement(void="foreign")
        if not self.covering(advisory):
            return self.not_covering(data, advisory)
        fault = self.time_fault(advisory)
        fault = fault or ("rollback" if self.rollback(data, advisory) else None)
        fault = fault or self.standing_fault(advisory)
        fault = fault or (None if self.verify(data) else "signature")
        if fault:
            return Judgement(void=fault)
        self.memory.signer(advisory.key).newest = (advisory.issued, data)
        return self.name_verdict(data, advisory, flags)

    def not_covering(self, data, advisory):
        """A withdrawal, or narrowed: releases on the signature alone, moves f on e and g."""
        if not self.memory.remembers(advisory.key):
            return Judgement(void="covered")
        if self.rollback(data, advisory):
            return Judgement(void="rollback")
        held = self.verdicts.get(advisory.key)
        newer = held is not None and advisory.issued > held.advisory.issued
        stands = not self.time_fault(advisory) and not self.standing_fault(advisory)
        if (newer or stands) and self.verify(data):
            if stands:
                self.memory.signer(advisory.key).newest = (advisory.issued, data)
            if newer:
                self.drop(advisory.key)
        return Judgement(void="covered")

    def overridden(self, defect):
        return any(
            defect.id in ids and build == self.config["build"]
            for ids, build in self.overrides
        )

    def name_verdict(self, data, advisory, flags):
        defects = tuple(d for d in self.covering(advisory) if not self.overridden(d))
        if not defects:
            return Judgement()
        first = min(defects, key=lambda d: d.enforce_from or ref.TIME_END)
        kind = "fail" if self.enforces(first, flags) else "notice"
        self.hold(kind, first, defects, data, advisory)
        return Judgement(kind, first.id)

    def enforces(self, defect, flags):
        config = self.config
        if defect.enforce_from == 0 or defect.enforce_from > self.time.now():
            return False
        if flags & ref.FLAG_NOTICE or config["notice_only"]:
            return False
        return not config["forwards"] or config["enforce_when_forwarding"]

    def judge_without_anchors(self, advisories):
        for data, advisory in advisories:
            named = self.names_us(advisory) and not self.time_fault(advisory)
            defects = self.covering(advisory)
            if named and defects:
                if not self.verify(data):
                    return [Judgement(void="signature")]
                first = min(defects, key=lambda d: d.enforce_from or ref.TIME_END)
                self.hold("notice", first, defects, data, advisory)
                return [Judgement("notice", first.id)]
        return [Judgement(void=self.shallow_fault(a)) for _, a in advisories]

    def shallow_fault(self, advisory):
        if not self.names_us(advisory):
            return "foreign"
        return self.time_fault(advisory) or "covered"

    # ------------------------------------------------- verdicts and leases

    def hold(self, kind, defect, defects, data, advisory):
        held = self.verdicts.get(advisory.key)
        if held and held.kind == "fail" and kind == "notice" and held.data == data:
            return
        lease_end = self.time.aged() + LEASE_S
        self.verdicts[advisory.key] = Verdict(
            kind, defect.id, data, advisory, defects, lease_end, defect.enforce_from
        )
        if kind == "fail":
            self.away_at = None
            if not held or held.kind != "fail":
                self.plan_recheck()
        elif defect.enforce_from > self.time.now():
            wait = defect.enforce_from - self.time.now() + self.rng.uniform(0, DAY_S)
            self.after(wait, lambda: self.report("saved"))
        self.settle_quarantine()
        self.poll()

    def drop(self, key):
        self.verdicts.pop(key, None)
        self.settle_quarantine()

    def settle_quarantine(self):
        if not self.quarantined():
            self.away_at = None

    def quarantined(self):
        return any(v.kind == "fail" for v in self.verdicts.values())

    def held(self):
        return max((v.kind for v in self.verdicts.values()), key=STRENGTH.get, default="none")

    def ran_out(self, key, verdict):
        if self.time.aged() >= verdict.lease_end:
            return True
        if verdict.was_fail:
            return False
        expired = self.time.now() >= verdict.advisory.expires
        return expired or (bool(self.config["anchors"]) and not self.memory.vouched(key))

    def end_by_time(self):
        """R6: a fail that ran out waits up to an hour more and goes on as a notice."""
        for key, verdict in list(self.verdicts.items()):
            if not self.ran_out(key, verdict):
                verdict.release_at = None
            elif verdict.kind == "notice":
                self.drop(key)
            elif verdict.release_at is None:
                verdict.release_at = self.time.running_s + self.rng.uniform(0, HOUR_S)
            elif self.time.running_s >= verdict.release_at:
                verdict.kind, verdict.was_fail = "notice", True
                verdict.lease_end = self.time.aged() + LEASE_S
                self.settle_quarantine()

    # ----------------------------------------------------------- occasions

    def note_reply(self, flags, records, advisories, said):
        occasion = self.occasion
        if occasion is None:
            return
        occasion["replies"] += 1
        heard = not records and not flags & ref.FLAG_MORE
        occasion["heard"] |= heard
        occasion["soft"] |= heard or bool(flags & ref.FLAG_NOTICE)
        occasion["named"] |= any(self.names_us(a) and self.covering(a) for _, a in advisories)
        occasion["judged"] |= any(j.verdict != "none" for j in said)
        occasion["renewed"] |= any(j.verdict == "fail" for j in said)
        occasion["done"] |= heard or occasion["judged"]

    def report(self, _why):
        if not self.emit or self.occasion is not None:
            return
        self.occasion = dict.fromkeys(
            ("heard", "soft", "named", "judged", "renewed", "done"), False
        )
        self.occasion.update(replies=0, recheck=self.quarantined(), waiting={})
        self.packet(self.occasion, PACKET_GAPS_S)

    def packet(self, occasion, gaps):
        if occasion is not self.occasion:
            return
        if self.answer is not None:
            self.after(0.05, lambda: self.answered(occasion))
        gap = gaps[0] * self.rng.uniform(1, 1.5) if gaps else LISTEN_S
        following = self.retry if gaps else self.listened
        self.after(gap, lambda: following(occasion, gaps[1:]))
        occasion["last"] = self.time.running_s

    def retry(self, occasion, gaps):
        if occasion["done"]:
            left = occasion["last"] + LISTEN_S - self.time.running_s
            self.after(max(left, 0), lambda: self.listened(occasion, ()))
        else:
            self.packet(occasion, gaps)

    def answered(self, occasion):
        if occasion is self.occasion and self.answer is not None:
            self.arrive(*self.answer)

    def listened(self, occasion, _gaps):
        if occasion is self.occasion:
            self.settle()

    def settle(self):
        """R6: what the occasion said, once its listening has ended."""
        occasion, self.occasion = self.occasion, None
        if occasion["heard"] and not occasion["judged"]:
            for key in [k for k, v in self.verdicts.items() if v.kind == "notice"]:
                self.drop(key)
        away = occasion["replies"] and not occasion["renewed"]
        if away and (occasion["soft"] or not occasion["named"]):
            if occasion["recheck"] and self.quarantined():
                self.count_away()

    def count_away(self):
        now = self.time.running_s
        if self.away_at is None:
            self.away_at, self.restarted_since_away = now, False
        elif now - self.away_at >= AWAY_APART_S or self.restarted_since_away:
            self.verdicts.clear()
            self.settle_quarantine()

    def plan_recheck(self):
        self.after(self.rng.uniform(0.9, 1.1) * HOUR_S, self.recheck)

    def recheck(self):
        if self.quarantined():
            self.report("recheck")
            self.plan_recheck()

    # ------------------------------------------------------ what is done to it

    def attach(self):
        wait = self.rng.uniform(0, 30)
        if self.attached_at is not None:
            wait = max(wait, self.attached_at + ATTACH_APART_S - self.time.running_s)
        self.attached_at = self.time.running_s + wait
        self.after(wait, lambda: self.report("attach"))

    def restart(self, build=None, number=0):
        """Saved state is judged again and only continues a quarantine."""
        self.time.start()
        if build is not None:
            self.config.update(build=build, number=number)
        self.events.clear()
        self.occasion, self.attached_at, self.polling = None, None, False
        self.restarted_since_away = True
        for key, verdict in list(self.verdicts.items()):
            if not self.covering(verdict.advisory):
                self.drop(key)
        if self.quarantined():
            self.plan_recheck()
        self.poll()

    def override(self, for_s=OVERRIDE_S):
        ids = frozenset(d.id for v in self.verdicts.values() for d in v.defects)
        entry = (ids, self.config["build"])
        self.overrides.append(entry)
        self.verdicts.clear()
        self.settle_quarantine()
        if for_s is not None:
            self.after(for_s, lambda: self.override_ended(entry))

    def override_ended(self, entry):
        if entry in self.overrides:
            self.overrides.remove(entry)
            self.after(self.rng.uniform(0, DAY_S), lambda: self.report("override ended"))

    def override_off(self):
        self.overrides.clear()
        self.report("override taken back")

    def emit_off(self):
        self.emit, self.occasion = False, None
        self.verdicts.clear()
        self.settle_quarantine()

    # -------------------------------------------------------- virtual time

    def after(self, wait, do):
        heapq.heappush(self.events, (self.time.running_s + wait, next(self.order), do))

    def poll(self):
        if self.verdicts and not self.polling:
            self.polling = True
            self.after(POLL_S, self.polled)

    def polled(self):
        self.polling = False
        self.end_by_time()
        self.poll()

    def run_until(self, at_s):
        while self.events and self.events[0][0] <= at_s:
            due, _, do = heapq.heappop(self.events)
            self.time.run(due - self.time.running_s)
            do()
        self.time.run(at_s - self.time.running_s)


# ------------------------------------------------------------------ the checks


def reply_is_malformed(reply):
    """Whether the reply's own shell breaks the grammar."""
    try:
        ref.parse_reply(ref.encode([3, bytes(16), reply["flags"], list(reply["records"])]))
    except ref.Malformed:
        return True
    return False


def deliver(device, reply):
    """One occasion with one reply; the judgement of it, and the occasion not yet settled."""
    device.report("manual")
    if reply_is_malformed(reply):
        return Judgement(void="malformed")
    return device.arrive(reply["flags"], reply["records"])


def check_judge(case, rng):
    """What the reference expects of a judge.json case."""
    device = Device(case["device"], case["clock"], rng)
    for earlier in case["before"]:
        set_clock(device, earlier.get("clock", case["clock"]))
        deliver(device, earlier)
        device.settle()
    set_clock(device, case["clock"])
    said = deliver(device, case["reply"])
    return {"verdict": said.verdict, "id": said.id, "void": said.void, "held": device.held()}


def set_clock(device, clock):
    device.time.set_clock(clock["now"], clock["synced"])


STEPS = {
    "attach": lambda device, step: device.attach(),
    "manual": lambda device, step: device.report("manual"),
    "override": lambda device, step: device.override(step.get("for_s", OVERRIDE_S)),
    "override_off": lambda device, step: device.override_off(),
    "build": lambda device, step: device.restart(step["build"], step["number"]),
    "restart": lambda device, step: device.restart(),
    "clock": lambda device, step: set_clock(device, step),
    "emit_off": lambda device, step: device.emit_off(),
    "reply": lambda device, step: take_answer(device, step),
}


def take_answer(device, step):
    silent = step["records"] is None
    if step.get("auto"):
        device.answer = None if silent else (step["flags"], step["records"])
    elif device.occasion is None:
        raise ValueError("a reply, and no occasion is open")
    elif not step.get("wrong_nonce") and not reply_is_malformed(step):
        device.arrive(step["flags"], step["records"])


def story_faults(case, rng):
    """The steps of a leases.json story at which the reference sees something else."""
    device = Device(case["device"], case["clock"], rng)
    for step in case["steps"]:
        device.run_until(step["at_s"])
        if "do" in step:
            STEPS[step["do"]](device, step)
            continue
        seen = {"quarantined": device.quarantined(), "verdict": device.held()}
        for name, value in step["expect"].items():
            if seen[name] != value:
                yield f"at {step['at_s']} s {name} is {seen[name]}, stated {value}"


def check_times(case):
    """The hour that the reference sees after each step of a times.json case."""
    time = ref.Time(case["firmware_time"], case["quorum"], case["n_authorities"])
    for step in case["steps"]:
        if "run_s" in step:
            time.run(step["run_s"])
        elif "start" in step:
            time.start()
        elif "clock" in step:
            time.set_clock(step["clock"]["now"], step["clock"]["synced"])
        else:
            time.standings([(step["standing"]["authority"], step["standing"]["issued"])])
        yield time.now()
