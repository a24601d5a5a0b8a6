"""The rules of pool matching, written the slow and obvious way from their definitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

OTHER_POOL = "(a job of another pool)"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the keep-alive curve sees it; `release` is None while it has not ended."""

    name: str
    pool: str
    request: int
    release: int | None


@dataclass(frozen=True, slots=True)
class ObservedJob(Job):
    """A job with what was reported about it; None: not known."""

    start: int
    keep_alive: int | None
    retained: int | None
    provisioning: int | None
    link: str | None
    can_donate: bool
    was_refused: bool
    is_taken: bool = False


AnyJob = TypeVar("AnyJob", bound=Job)


@dataclass(frozen=True, slots=True)
class Replay:
    """What one replay did, by job name: gap of each hit, and idle time of each released cluster."""

    gap: dict[str, int]
    idle: dict[str, int]

    @property
    def retained(self) -> int:
        """Return the idle time that the keep-alive period cost, over all clusters."""
        return sum(self.idle.values())


def in_request_order(jobs: Sequence[AnyJob]) -> list[AnyJob]:
    """Return jobs by the moment of their request, at one instant by name."""
    return sorted(jobs, key=lambda job: (job.request, job.name))


def replay(jobs: Sequence[Job], keep_alive: int, *, newest: bool) -> Replay:
    """Let a clock tick: clusters become free, cost a second each second, are reused or expire.

    At one tick: clusters whose period has run out go; clusters of jobs longer than 0 become free;
    requests are served, by job name; clusters of zero-length jobs become free.
    """
    gap: dict[str, int] = {}
    idle = {job.name: 0 for job in jobs if job.release is not None}
    free: list[tuple[Job, int, int]] = []  # job, free since, expires at; the newest is last

    instants = [job.request for job in jobs] + [job.release or 0 for job in jobs]
    for now in range(min(instants, default=0), max(instants, default=0) + keep_alive + 1):
        ending = [job for job in in_request_order(jobs) if job.release == now]
        free += [(job, now, now + keep_alive) for job in ending if job.request < now]
        free = [cluster for cluster in free if cluster[2] > now]

        for request in in_request_order([job for job in jobs if job.request == now]):
            matching = [cluster for cluster in free if cluster[0].pool == request.pool]
            if matching:
                taken = matching[-1] if newest else matching[0]
                free.remove(taken)
                gap[request.name] = now - taken[1]

        free += [(job, now, now + keep_alive) for job in ending if job.request == now]
        free = [cluster for cluster in free if cluster[2] > now]
        for cluster in free:
            idle[cluster[0].name] += 1
    return Replay(gap, idle)


def kept_for_ever(jobs: Sequence[Job]) -> dict[str, tuple[int, str]]:
    """Return (gap, donor) of each job that finds a cluster, when none ever expires.

    A stack per pool: a release pushes, a request pops the newest release.
    """
    events: list[tuple[int, int, int, str, Job]] = []
    for job in jobs:
        events.append((job.request, 1, job.request, job.name, job))
        if job.release is not None:
            place = 0 if job.release > job.request else 2
            events.append((job.release, place, job.request, job.name, job))

    stacks: dict[str, list[Job]] = {job.pool: [] for job in jobs}
    matches: dict[str, tuple[int, str]] = {}
    for now, place, _, _, job in sorted(events, key=lambda event: event[:4]):
        stack = stacks[job.pool]
        if place != 1:
            stack.append(job)
        elif stack:
            donor = stack.pop()
            assert donor.release is not None
            matches[job.name] = (now - donor.release, donor.name)
    return matches


def long_chains(jobs: Sequence[Job], keep_alive: int, limit: int) -> list[list[str]]:
    """Return the clusters that went from job to job for longer than `limit`, as chains of names.

    A chain is reuse: it has two jobs or more. It lasts from the first request to the last release.
    """
    donors = {name: donor for name, (gap, donor) in kept_for_ever(jobs).items() if gap < keep_alive}
    reusers = {donor: name for name, donor in donors.items()}
    by_name = {job.name: job for job in jobs}
    chains = []
    for job in jobs:
        if job.name in donors:
            continue
        chain = [job.name]
        while chain[-1] in reusers:
            chain.append(reusers[chain[-1]])
        releases = [by_name[name].release for name in chain]
        ended = max((release for release in releases if release is not None), default=job.request)
        if len(chain) > 1 and ended - job.request > limit:
            chains.append(chain)
    return chains


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of the ledger."""

    evidence: str | None = None
    donor: str | None = None
    gap: int | None = None
    miss_reason: str | None = None
    missed_by: int | None = None


def ledger(jobs: Sequence[ObservedJob]) -> dict[str, Verdict]:
    """Return a verdict for each job, by name; see models.md section 1."""
    verdicts: dict[str, Verdict] = {}
    for pool in {job.pool for job in jobs}:
        verdicts |= _ledger_of_pool([job for job in jobs if job.pool == pool])
    return verdicts


def _ledger_of_pool(jobs: list[ObservedJob]) -> dict[str, Verdict]:
    cold_provisioning = _provisioning_without_free_donor(jobs)
    by_name = {job.name: job for job in jobs}
    taken = {job.name for job in jobs if job.is_taken}
    verdicts: dict[str, Verdict] = {}
    for job in in_request_order(jobs):
        if job.link is not None:
            taken.add(job.link)
            donor = by_name.get(job.link)
            verdicts[job.name] = Verdict(
                "confirmed", donor.name if donor else None, _gap(job, donor) if donor else None
            )
            continue
        untaken = [donor for donor in _free_before(job, jobs) if donor.name not in taken]
        kept = [donor for donor in untaken if _may_have_served(donor, job)]
        others = [cold for name, cold in cold_provisioning.items() if name != job.name]
        if (
            kept
            and others
            and job.provisioning is not None
            and 2 * job.provisioning <= median(others)
        ):
            taken.add(kept[-1].name)
            verdicts[job.name] = Verdict("inferred", kept[-1].name, _gap(job, kept[-1]))
        else:
            verdicts[job.name] = _miss(job, jobs, untaken, taken)
    return verdicts


def _provisioning_without_free_donor(jobs: list[ObservedJob]) -> dict[str, int]:
    """Return provisioning of the starts that found nothing, had each taken what it could."""
    taken = {job.name for job in jobs if job.is_taken}
    cold: dict[str, int] = {}
    for job in in_request_order(jobs):
        if job.link is not None:
            taken.add(job.link)
            continue
        kept = [
            donor
            for donor in _free_before(job, jobs)
            if donor.name not in taken and _may_have_served(donor, job)
        ]
        if kept:
            taken.add(kept[-1].name)
        elif job.provisioning is not None:
            cold[job.name] = job.provisioning
    return cold


def _miss(
    job: ObservedJob, jobs: list[ObservedJob], untaken: list[ObservedJob], taken: set[str]
) -> Verdict:
    if not any(other.request < job.request for other in jobs):
        return Verdict(miss_reason="first_of_key")

    was_free = _free_before(job, jobs)
    for donor in _in_release_order(jobs):
        assert donor.release is not None
        will_be_kept = donor.keep_alive not in (None, 0) and not donor.was_refused
        is_coming = donor not in was_free and donor.release <= job.start
        if is_coming and will_be_kept and donor is not job and donor.name not in taken:
            return Verdict(
                donor=donor.name, miss_reason="too_early", missed_by=donor.release - job.request
            )

    if not untaken:
        return Verdict(miss_reason="all_busy")
    donor = untaken[-1]
    gap = _gap(job, donor)
    assert gap is not None
    if donor.keep_alive == 0 and donor.retained:
        short = gap - donor.retained if donor.retained < gap else None
        return Verdict(None, donor.name, gap, "ended_early", short)
    if donor.keep_alive == 0:
        return Verdict(None, donor.name, gap, "not_kept")
    if donor.was_refused:
        return Verdict(None, donor.name, gap, "not_provisioned")
    if donor.keep_alive is not None and gap >= donor.keep_alive:
        return Verdict(None, donor.name, gap, "expired", gap - donor.keep_alive)
    if donor.keep_alive is not None and donor.retained is not None and donor.retained < gap:
        return Verdict(None, donor.name, gap, "ended_early", gap - donor.retained)
    return Verdict(None, donor.name, gap, "unknown")


def _in_release_order(jobs: list[ObservedJob]) -> list[ObservedJob]:
    """Return the jobs that ended, by the moment when their cluster became free."""
    ended = [job for job in in_request_order(jobs) if job.release is not None]
    return sorted(ended, key=lambda job: (job.release, job.release == job.request))


def _free_before(job: ObservedJob, jobs: list[ObservedJob]) -> list[ObservedJob]:
    """Return the jobs whose cluster became free before this request, the newest last."""
    return [
        other
        for other in _in_release_order(jobs)
        if other.release is not None
        and (
            other.release < job.request
            or (other.release == job.request and other.request < other.release)
        )
    ]


def _may_have_served(donor: ObservedJob, job: ObservedJob) -> bool:
    gap = _gap(job, donor)
    if gap is None or donor.keep_alive is None:
        return False
    return donor.can_donate and gap < donor.keep_alive


def _gap(job: ObservedJob, donor: ObservedJob) -> int | None:
    return None if donor.release is None else job.request - donor.release
