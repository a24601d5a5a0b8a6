"""Which derived rows are computed again when a few jobs are stale, and which stay as they are."""

from collections.abc import Iterator
from typing import Any

import pytest

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store
from tests.analytics.derived.job_batches import GROUP, KEY, Batch, Record, at, merge

pytestmark = pytest.mark.thorough


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    opened = open_home(home, derivation=derive)
    yield opened
    opened.close()


def job(name: str, *, pool: str = "a", created: int = 0, **fields: Any) -> Record:
    """Return a job of 100 s; pools differ in their role and volume: they are no near ones."""
    return {
        "account_id": "1",
        "region": "us-east-1",
        "job_name": name,
        "record_kind": "describe",
        "created_at": at(created),
        "training_started_at": at(created + 10),
        "first_training_at": at(created + 20),
        "training_ended_at": at(created + 100),
        "status": "Completed",
        "role_arn": f"role/{pool}",
        "instance_groups": [GROUP],
        "volume_size_gib": 30.0 + ord(pool[0]),
        "has_network_isolation": pool > "m",
        "input_mode": "File",
        "keep_alive_period_s": 600,
        **fields,
    }


def take(store: Store, *jobs: Record) -> None:
    """Merge jobs and derive."""
    merge(store, {tuple(job[name] for name in KEY): job for job in jobs})
    derive(store)


def withdraw(store: Store, *names: str) -> None:
    """Withdraw jobs and derive."""
    batch: Batch = {("1", "us-east-1", name): None for name in names}
    merge(store, batch)
    derive(store)


def row(store: Store, name: str) -> Any:
    """Return one job's row of job_facts."""
    rows = store.frame("from job_facts where job_name = $name", {"name": name})
    assert len(rows) == 1
    return rows.iloc[0]


def mark_rows(store: Store) -> None:
    """Write a mark into every row of job_facts: rows that are computed again lose it."""
    with store.transaction() as cursor:
        cursor.execute("update job_facts set user_name = 'mark'")


def unmarked(store: Store) -> set[str]:
    rows = store.frame("select job_name from job_facts where user_name is distinct from 'mark'")
    return set(rows["job_name"])


def test_only_the_pools_of_stale_jobs_are_computed_again(store: Store) -> None:
    take(store, job("a1"), job("a2", created=300), job("b1", pool="b"), job("c1", pool="c"))
    mark_rows(store)
    take(store, job("b2", pool="b", created=300))
    assert unmarked(store) == {"b1", "b2"}


def test_a_job_that_changes_its_pool_has_both_computed_again(store: Store) -> None:
    take(store, job("a1"), job("a2", created=300), job("b1", pool="b"), job("c1", pool="c"))
    mark_rows(store)
    take(store, job("a2", pool="b", created=300))
    assert unmarked(store) == {"a1", "a2", "b1"}


def test_a_pool_without_jobs_left_goes(store: Store) -> None:
    take(store, job("a1"), job("b1", pool="b"))
    withdraw(store, "b1")
    for table in ("pools", "pool_startups", "pool_savings"):
        assert store.scalar(f"select count(*) from {table}") == 1
    assert store.scalar("select count(*) from job_facts") == 1


def test_a_pool_keeps_its_number_while_it_has_jobs(store: Store) -> None:
    take(store, job("a1"), job("b1", pool="b"))
    number = row(store, "b1").pool_id
    take(store, job("b2", pool="b", created=300), job("0", pool="0"))
    assert row(store, "b1").pool_id == row(store, "b2").pool_id == number


def test_a_withdrawn_donor_of_another_pool_is_no_donor_any_more(store: Store) -> None:
    take(store, job("a1", reused_by_job_name="b1"), job("b1", pool="b", created=300))
    assert row(store, "b1").donor_job_name == "a1"
    withdraw(store, "a1")
    assert row(store, "b1").outcome == "miss"


def test_a_donor_that_names_another_job_frees_the_one_it_named(store: Store) -> None:
    donor = job("a1", reused_by_job_name="b1")
    take(store, donor, job("b1", pool="b", created=300), job("c1", pool="c", created=300))
    take(store, {**donor, "reused_by_job_name": "c1"})
    assert row(store, "b1").outcome == "miss"
    assert row(store, "c1").evidence == "confirmed"


def near(name: str, **fields: Any) -> Record:
    """Return a job whose key differs in one field from that of pool `a`."""
    return job(name, has_network_isolation=True, **fields)


def test_a_new_cluster_makes_the_first_job_of_another_pool_a_changed_key(store: Store) -> None:
    take(store, near("n1", created=200))
    assert row(store, "n1").miss_reason == "first_of_key"
    take(store, job("a1"))
    assert row(store, "n1").missed_donor_job_name == "a1"
    withdraw(store, "a1")
    assert row(store, "n1").miss_reason == "first_of_key"


def test_a_cluster_that_is_reused_in_another_pool_is_not_free_for_a_third(store: Store) -> None:
    donor = job("a1", reused_by_job_name="b1")
    take(store, donor, near("n1", created=250))
    # it is taken, though nobody knows by which job, and when
    assert row(store, "n1").miss_reason == "first_of_key"
    mark_rows(store)
    take(store, job("b1", pool="b", created=200))
    assert row(store, "n1").miss_reason == "first_of_key"
    assert "a1" not in unmarked(store)
    take(store, job("b1", pool="b", created=400))
    assert row(store, "n1").missed_donor_job_name == "a1"
    take(store, job("b1", pool="b", created=200))
    withdraw(store, "b1")
    assert row(store, "n1").miss_reason == "first_of_key"


def test_a_changed_key_stays_when_its_pool_is_computed_again(store: Store) -> None:
    take(store, job("a1"), near("n1", created=200))
    mark_rows(store)
    take(store, near("n2", created=5000))
    assert unmarked(store) == {"n1", "n2"}
    assert row(store, "n1").missed_donor_job_name == "a1"


def test_a_job_of_no_known_pool_is_a_hit_as_long_as_a_donor_names_it(store: Store) -> None:
    take(store, job("x1", created=300, instance_groups=[]), job("b1", pool="b"))
    assert row(store, "x1").eligibility == "unknown"
    take(store, job("a1", reused_by_job_name="x1"))
    assert (row(store, "x1").outcome, row(store, "x1").gap_s) == ("hit", 200)
    withdraw(store, "a1")
    assert row(store, "x1").eligibility == "unknown"


def test_a_pool_of_an_export_has_the_cluster_of_its_newest_job(store: Store) -> None:
    def exported(name: str, created: int, instance_type: str) -> Record:
        groups = [{**GROUP, "instance_type": instance_type}]
        return job(name, created=created, pool_key="own", instance_groups=groups)

    take(store, exported("e1", 0, "ml.c5.xlarge"), exported("e2", 300, "ml.g5.xlarge"))
    assert store.scalar("select instance_type from pools") == "ml.g5.xlarge"
    withdraw(store, "e2")
    assert store.scalar("select instance_type from pools") == "ml.c5.xlarge"


def test_a_family_is_estimated_anew_for_the_pools_that_it_serves(store: Store) -> None:
    def start(name: str, pool: str, created: int, latency_s: float) -> Record:
        return job(name, pool=pool, created=created, startup_latency_s=latency_s)

    cold = [start(f"c{n}", f"{n}", 0, 100.0) for n in range(10)]
    warm = [start(f"w{n}", f"{n}", 200, 40.0) for n in range(10)]
    for donor, reuser in zip(cold, warm, strict=True):
        donor["reused_by_job_name"] = reuser["job_name"]
    take(store, *cold, *warm, job("x1", pool="x"))
    sql = """
        select wait_saved_per_hit_s from pool_savings inner join job_facts using (pool_id)
        where job_name = 'x1'
    """
    assert store.scalar(sql) == pytest.approx(60 - 0)
    mark_rows(store)
    take(store, *({**reuser, "startup_latency_s": 70.0} for reuser in warm))
    assert store.scalar(sql) == pytest.approx(30)
    assert "x1" not in unmarked(store)
    withdraw(store, *(job["job_name"] for job in [*cold, *warm]))
    assert store.scalar(sql.replace("wait_saved_per_hit_s", "saved_source")) == "published"
    assert store.scalar("select count(*) from family_startups where warm_job_count > 0") == 0
