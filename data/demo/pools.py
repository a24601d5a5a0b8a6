"""The pools of the demo history: who asks for clusters, and which job reuses which one.

Everything here is made up. Clusters are handed on by the rules of managed warm pools (developer
guide, "Matching training jobs"): nine equal fields, newest free cluster first (assumed; AWS does
not say), gone in the very second in which the keep-alive ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

SEED = 20261115
DAY_COUNT = 91
MINUTE_MS = 60_000
DAY_MS = 1440 * MINUTE_MS
FIRST_DAY_MS = int(datetime(2026, 8, 17, tzinfo=UTC).timestamp()) * 1000  # a Monday
AS_OF_MS = int(datetime(2026, 11, 15, 18, tzinfo=UTC).timestamp()) * 1000
# longer than any startup in this history, so that ends can be fixed before startups are drawn
SHORTEST_JOB_MS = 340_000

MAIN_ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
NEVER_STARTED, FAILED_DOWNLOAD, PENDING = "never started", "failed download", "Pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Jobs that are submitted in one way: what they ask for, and when."""

    name: str
    team: str
    users: tuple[str, ...]
    instance_type: str
    instance_count: int = 1
    keep_alive_s: int | None = None
    changed_keep_alive: tuple[int, int] | None = None
    """From which day on it is which other, s."""
    input_mode: str
    kind: str = ""  # why its jobs cannot use a pool
    account_id: str = MAIN_ACCOUNT
    region: str = "us-east-1"
    roles: tuple[str, ...] = ()
    volumes_gib: tuple[int, ...] = (50,)
    turn_every: int = 1  # steps after which the next role or volume size is used
    turn_offset: int = 0
    has_volume_key: bool = False
    is_encrypted: bool = False
    is_isolated: bool = False

    sessions_per_day: float = 0.0
    steps: float = 1.0  # jobs of a session one after another
    lanes: int = 1  # jobs at once
    run_min: float = 12.0
    pause_s: float = 120.0
    pause_spread: float = 0.6
    first_hour: float = 14.0
    hours: float = 8.0
    is_nightly: bool = False

    early_ratio: float = 0.0  # asked for just before the cluster is free
    refused_ratio: float = 0.0  # not retained: quota
    ended_early_ratio: float = 0.0  # pool ended before its keep-alive did
    lost_link_ratio: float = 0.0  # hits whose donor was last read before it was reused
    no_keep_alive_ratio: float = 0.0  # jobs for which the user left the keep-alive out
    other_mode: tuple[str, str] = ("", "")  # a user who reads the data otherwise, and how

    def keep_alive_at(self, created_ms: int) -> int | None:
        """Return the keep-alive period of a job that is created then."""
        if self.changed_keep_alive is not None:
            day, seconds = self.changed_keep_alive
            if created_ms >= FIRST_DAY_MS + day * DAY_MS:
                return seconds
        return self.keep_alive_s


VISION, LANGUAGE = ("ada", "grace"), ("alan", "barbara")
RANKING, PLATFORM = ("edsger", "katherine"), ("donald", "margaret")

POOLS = (
    Pool(
        name="vision-tune", team="vision", users=VISION, instance_type="ml.g5.2xlarge",
        keep_alive_s=900, input_mode="FastFile", sessions_per_day=1.4, steps=6.0, run_min=11.0,
        pause_s=170.0, pause_spread=0.9, lost_link_ratio=0.05, no_keep_alive_ratio=0.02,
    ),
    Pool(
        name="ranking-iterate", team="ranking", users=RANKING, instance_type="ml.m5.4xlarge",
        keep_alive_s=60, input_mode="File", volumes_gib=(100,), has_volume_key=True,
        sessions_per_day=1.1, steps=5.5, run_min=9.0, pause_s=140.0, pause_spread=0.8,
    ),
    Pool(
        name="language-pretrain", team="language", users=("alan",), roles=("language-pretrain",),
        instance_type="ml.p4d.24xlarge", keep_alive_s=3600, input_mode="FSxLustre",
        volumes_gib=(500,), sessions_per_day=1.7, steps=1.25, run_min=140.0, pause_s=5000.0,
    ),
    Pool(
        name="language-iterate", team="language", users=LANGUAGE, region="us-west-2",
        instance_type="ml.g6.12xlarge", input_mode="FSxLustre", sessions_per_day=1.1, steps=7.5,
        run_min=8.0, pause_s=14.0, pause_spread=0.5,
    ),
    Pool(
        name="forecast", team="ranking", users=("katherine",), region="us-west-2",
        instance_type="ml.g6.24xlarge", keep_alive_s=1200, input_mode="FastFile",
        sessions_per_day=0.7, steps=4.5, run_min=16.0, pause_s=200.0, refused_ratio=0.35,
    ),
    Pool(
        name="features", team="platform", users=PLATFORM, instance_type="ml.m5.4xlarge",
        instance_count=2, keep_alive_s=1800, input_mode="File", is_encrypted=True,
        sessions_per_day=0.7, steps=4.5, run_min=10.0, pause_s=500.0, ended_early_ratio=0.3,
    ),
    # the volume grows with the data set, every two sweeps or so, in the middle of one
    Pool(
        name="vision-sweep", team="vision", users=("grace",), roles=("vision-sweep",),
        instance_type="ml.c5.4xlarge", keep_alive_s=600, input_mode="File",
        volumes_gib=tuple(range(100, 260, 20)), turn_every=6, turn_offset=1,
        sessions_per_day=0.2, steps=3.0, lanes=7, run_min=9.0, pause_s=60.0,
    ),
    Pool(
        name="tabular", team="ranking", users=RANKING, roles=("ranking-tabular",),
        instance_type="ml.m5.xlarge", keep_alive_s=1200, input_mode="File", volumes_gib=(30, 50),
        sessions_per_day=0.65, steps=5.0, run_min=17.0, pause_s=160.0,
    ),
    Pool(
        name="speech", team="language", users=("barbara",), instance_type="ml.c5.2xlarge",
        keep_alive_s=900, input_mode="FastFile", roles=("speech", "speech-experiments"),
        region="us-west-2", sessions_per_day=0.5, steps=5.0, run_min=15.0, pause_s=150.0,
    ),
    Pool(
        name="nightly-retrain", team="platform", users=("donald",), roles=("nightly",),
        instance_type="ml.m5.2xlarge", instance_count=2, keep_alive_s=600, input_mode="FSxLustre",
        steps=4.6, run_min=12.0, pause_s=9.0, pause_spread=0.4, first_hour=1.0, hours=0.4,
        is_nightly=True, early_ratio=0.12,
    ),
    Pool(
        name="translate", team="language", users=("margaret",), account_id=OTHER_ACCOUNT,
        region="eu-west-1", instance_type="ml.g5.12xlarge", keep_alive_s=900,
        input_mode="FastFile", is_isolated=True, sessions_per_day=0.6, steps=5.0, run_min=14.0,
        pause_s=240.0, first_hour=7.0,
    ),
    Pool(
        name="documents", team="platform", users=("margaret",), roles=("documents",),
        instance_type="ml.c5.xlarge", keep_alive_s=900, input_mode="File",
        volumes_gib=tuple(range(30, 90, 5)), turn_every=3, turn_offset=1, sessions_per_day=0.14,
        steps=5.0, pause_s=180.0,
    ),
    Pool(
        name="audio", team="language", users=("barbara",), roles=("audio",), region="us-west-2",
        instance_type="ml.g6.2xlarge", keep_alive_s=300, input_mode="EFS", sessions_per_day=0.25,
        steps=4.0, pause_s=200.0,
    ),
    Pool(
        name="clicks", team="ranking", users=("edsger",), roles=("clicks",),
        instance_type="ml.c5.9xlarge", input_mode="Pipe", sessions_per_day=0.2, steps=3.0,
    ),
    Pool(
        name="captions", team="vision", users=("ada",), roles=("captions",), region="us-west-2",
        instance_type="ml.g5.24xlarge", keep_alive_s=600, input_mode="mixed",
        sessions_per_day=0.25, steps=4.0, pause_s=240.0,
    ),
    Pool(
        name="simulate", team="platform", users=("donald",), roles=("simulate",),
        instance_type="ml.c5.18xlarge", keep_alive_s=300, input_mode="none",
        sessions_per_day=0.25, steps=3.0, pause_s=180.0,
    ),
    Pool(
        name="spot", team="vision", users=VISION, kind="spot", instance_type="ml.g5.12xlarge",
        input_mode="FastFile", sessions_per_day=0.3, steps=3.0, run_min=40.0,
    ),
    Pool(
        name="grouped", team="vision", users=("ada",), kind="heterogeneous",
        instance_type="ml.p4d.24xlarge", input_mode="FSxLustre", sessions_per_day=0.35, steps=2.0,
        run_min=70.0,
    ),
    Pool(
        name="tuned", team="ranking", users=("katherine",), kind="tuning",
        instance_type="ml.m5.xlarge", input_mode="File", sessions_per_day=0.07, steps=6.0, lanes=4,
        pause_s=5.0,
    ),
    Pool(
        name="serverless", team="language", users=("alan",), kind="serverless", instance_type="",
        input_mode="File", sessions_per_day=0.12, run_min=35.0,
    ),
    Pool(
        name="planned", team="language", users=("alan",), kind="training_plan",
        instance_type="ml.p5.48xlarge", input_mode="FSxLustre", sessions_per_day=0.12, run_min=90.0,
    ),
    Pool(
        name="preferences", team="platform", users=PLATFORM, kind="preferences",
        roles=("preferences",), instance_type="ml.g6.xlarge", input_mode="FastFile",
        sessions_per_day=0.2,
    ),
)  # fmt: skip

# drawn apart, so that they move nothing of the pools above
APART = (
    # two people with the same image and data, of whom one reads it otherwise
    Pool(
        name="thumbnails", team="vision", users=VISION, roles=("thumbnails",),
        instance_type="ml.g5.4xlarge", keep_alive_s=300, input_mode="File", volumes_gib=(200,),
        sessions_per_day=1.5, steps=3.0, run_min=8.0, pause_s=240.0, pause_spread=0.9,
        other_mode=("grace", "FastFile"),
    ),
    # somebody has lowered the keep-alive period in October, and it paid
    Pool(
        name="retouch", team="vision", users=("ada",), roles=("retouch",),
        instance_type="ml.g5.8xlarge", keep_alive_s=3600, changed_keep_alive=(56, 600),
        input_mode="FastFile", sessions_per_day=1.1, steps=4.0, run_min=14.0, pause_s=150.0,
    ),
)  # fmt: skip
APART_STREAM = 200

TRIALS = (
    # a status that no release of the API model names, and a type without a price
    Pool(
        name="moonlight", team="platform", users=("donald",), roles=("moonlight",),
        instance_type="ml.c5.2xlarge", input_mode="FastFile",
    ),
    Pool(
        name="trainium", team="language", users=("alan",), roles=("trainium",),
        instance_type="ml.trn2.48xlarge", input_mode="FSxLustre",
    ),
)  # fmt: skip

# pool, minutes from the request to the end of the history, minutes from request to job end
LAST_REQUESTS = (
    ("moonlight", 14_000, 25),
    ("trainium", 21_000, 40),
    ("language-pretrain", 130, 105),  # its cluster is still free at the end
    ("vision-tune", 50, 42),  # so is this one's
    ("language-pretrain", 95, 300),
    ("vision-tune", 22, 60),
    ("language-iterate", 0.5, 30),
)


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One training job; `kept_s` is how long its cluster stays unless another job takes it."""

    pool: Pool
    user: str
    role: str
    volume_gib: int
    created_ms: int
    ended_ms: int
    ending: str = "Completed"
    keep_alive_s: int | None
    kept_s: int = 0
    donor: "Job | None" = None
    reused_by: "Job | None" = None
    is_link_lost: bool = False

    @property
    def input_mode(self) -> str:
        """How it reads its data."""
        user, mode = self.pool.other_mode
        return mode if self.user == user else self.pool.input_mode

    @property
    def name(self) -> str:
        """A name as SageMaker's SDK makes them: base, time, milliseconds."""
        created_at = datetime.fromtimestamp(self.created_ms // 1000, UTC)
        milliseconds = self.created_ms % 1000
        return f"demo-{self.pool.name}-{created_at:%Y-%m-%d-%H-%M-%S}-{milliseconds:03d}"


def demo_jobs() -> list[Job]:
    """Return the jobs of the demo history by creation, with every cluster handed on."""
    jobs = [job for number, pool in enumerate(POOLS) for job in _requests(pool, generator(number))]
    for number, pool in enumerate(APART):
        jobs += _requests(pool, generator(APART_STREAM + number))
    pools = {pool.name: pool for pool in POOLS + TRIALS}
    for name, minutes_ago, minutes in LAST_REQUESTS:
        created_ms = AS_OF_MS - round(minutes_ago * MINUTE_MS)
        jobs.append(_request(pools[name], 0, pools[name].users[0], created_ms, minutes * MINUTE_MS))
    jobs.sort(key=lambda job: job.created_ms)
    _hand_on([job for job in jobs if job.pool not in APART], generator(len(POOLS)))
    _hand_on([job for job in jobs if job.pool in APART], generator(APART_STREAM + 10))
    for job in jobs:
        if job.ended_ms > AS_OF_MS:
            is_waiting = AS_OF_MS - job.created_ms < MINUTE_MS
            job.ending = PENDING if is_waiting else "InProgress"
    return jobs


def generator(stream: int) -> np.random.Generator:
    """Return a generator of its own for one part, so that a change elsewhere does not move it."""
    return np.random.Generator(np.random.PCG64([SEED, stream]))


def _requests(pool: Pool, rng: np.random.Generator) -> Iterator[Job]:
    step = 0
    for day in range(DAY_COUNT):
        is_weekend = day % 7 >= 5
        session_count = rng.poisson(pool.sessions_per_day * (0.06 if is_weekend else 1.0))
        for _ in range(1 if pool.is_nightly else session_count):
            user = pool.users[rng.integers(len(pool.users))]
            hour = pool.first_hour + rng.uniform(0, pool.hours)
            at_ms = FIRST_DAY_MS + day * DAY_MS + round(hour * 60 * MINUTE_MS)
            for _ in range(1 + rng.poisson(pool.steps - 1)):
                free_ms = at_ms
                for _ in range(pool.lanes):
                    ending, minutes = _ending(pool, rng)
                    job = _request(pool, step, user, at_ms, minutes * MINUTE_MS, ending)
                    if rng.random() < pool.no_keep_alive_ratio:
                        job.keep_alive_s = None
                    # a request in the last minutes could not be said to have started training
                    if job.created_ms < AS_OF_MS - SHORTEST_JOB_MS:
                        yield job
                    free_ms = max(free_ms, job.ended_ms)
                    at_ms += int(rng.integers(900, 2200))
                is_early = rng.random() < pool.early_ratio
                pause_s = rng.lognormal(np.log(pool.pause_s), pool.pause_spread)
                at_ms = free_ms + round((-rng.uniform(2, 15) if is_early else pause_s) * 1000)
                step += 1


def _ending(pool: Pool, rng: np.random.Generator) -> tuple[str, float]:
    """Draw how a job ends, and after how many minutes."""
    minutes = pool.run_min * rng.lognormal(0.0, 0.35) + 2
    draw = rng.random()
    if pool.lanes > 1 or draw > 0.09:
        return "Completed", minutes
    if draw < 0.045:
        return "Failed", minutes * rng.uniform(0.3, 1.0)
    if draw < 0.07:
        return "Stopped", minutes * rng.uniform(0.3, 1.0)
    if draw < 0.08:
        return FAILED_DOWNLOAD, rng.uniform(2.4, 4.0)
    return NEVER_STARTED, minutes


def _request(
    pool: Pool, step: int, user: str, created_ms: int, wall_ms: float, ending: str = "Completed"
) -> Job:
    turn = (step + pool.turn_offset) // pool.turn_every
    roles = pool.roles or (pool.team,)
    if ending != FAILED_DOWNLOAD:
        wall_ms = max(wall_ms, SHORTEST_JOB_MS)
    return Job(
        pool=pool,
        user=user,
        role=roles[turn % len(roles)],
        volume_gib=pool.volumes_gib[turn % len(pool.volumes_gib)],
        created_ms=created_ms,
        ended_ms=created_ms + round(wall_ms),
        ending=ending,
        keep_alive_s=pool.keep_alive_at(created_ms),
    )


def _hand_on(jobs: list[Job], rng: np.random.Generator) -> None:
    """Let each job, in the order of requests, take the newest cluster that is free and equal."""
    kept: dict[tuple[object, ...], list[Job]] = {}
    for job in jobs:
        if job.pool.kind:
            continue
        # no two of these pools share role and region: pool, role, volume stand for the nine fields
        others = kept.setdefault((job.pool.name, job.role, job.volume_gib), [])
        free = [
            other for other in others if 0 < job.created_ms - other.ended_ms < other.kept_s * 1000
        ]
        if free:
            job.donor = max(free, key=lambda other: other.ended_ms)
            job.donor.reused_by = job
            job.donor.is_link_lost = bool(rng.random() < job.pool.lost_link_ratio)
            others.remove(job.donor)
        if job.ending == NEVER_STARTED and job.donor:
            job.ending = "Completed"  # it had its instances
        if job.keep_alive_s and job.ending != NEVER_STARTED:
            job.kept_s = _kept_s(job.keep_alive_s, job.pool, rng)
            others.append(job)


def _kept_s(keep_alive_s: int, pool: Pool, rng: np.random.Generator) -> int:
    if rng.random() < pool.refused_ratio:
        return 0
    if rng.random() < pool.ended_early_ratio:
        return int(keep_alive_s * rng.uniform(0.05, 0.4))
    return keep_alive_s
