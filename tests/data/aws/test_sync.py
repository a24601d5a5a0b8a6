"""Synchronising with AWS over HTTP: whole, in few requests, whatever AWS does meanwhile."""

import math
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from data.aws.accounts import Account
from data.aws.pages import Step
from data.aws.sync import SyncReport, plan_sync, sync
from data.ingest.home_store import open_home
from data.ingest.rebuild import rebuild
from data.raw.inputs import Cancelled
from data.store.home import Home
from data.store.store import Store
from tests.aws_server.clock import Clock
from tests.aws_server.history import AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.server import AwsServer
from tests.data.aws.conftest import FAST, NOW, another_store, facts

EVERY = ("batch", "jobs")


def read(store: Store, aws: AwsServer, **options: object) -> SyncReport:
    """Synchronise at the server's time; nothing may be rejected."""
    options = {"sources": EVERY, "now": aws.clock.instant, **options}
    report = sync(store, **options)  # type: ignore[arg-type]
    assert report.rejected.total() == 0
    return report


@pytest.fixture
def other(empty_database: Path, tmp_path: Path) -> Iterator[Store]:
    with another_store(empty_database, tmp_path / "other") as opened:
        yield opened


def test_what_is_read_is_what_aws_has(fast: Store, aws: AwsServer, history: AwsHistory) -> None:
    report = read(fast, aws)
    assert report.problems == []
    now = aws.clock.now
    jobs = fast.frame(
        """
        select job_name, status, warm_pool_status, retained_s, reused_by_job_name,
            keep_alive_period_s, epoch(created_at) as created_s,
            epoch(last_modified_at) as changed_s,
            list_filter(tags, lambda tag: tag."key" = 'team')[1]."value" as team
        from training_jobs order by job_name
        """
    ).astype(object)
    rows = jobs.where(jobs.notna(), None).to_dict("records")
    answers = {job.name: job.described(now) for job in history.created_jobs(now)}
    assert [row["job_name"] for row in rows] == sorted(answers)
    for row in rows:
        job = answers[row["job_name"]]
        pool = job.get("WarmPoolStatus", {})
        assert row["status"] == job["TrainingJobStatus"]
        assert row["warm_pool_status"] == pool.get("Status")
        assert row["retained_s"] == pool.get("ResourceRetainedBillableTimeInSeconds")
        assert row["reused_by_job_name"] == pool.get("ReusedByJob")
        assert row["keep_alive_period_s"] == job["ResourceConfig"].get(
            "KeepAlivePeriodInSeconds", 0
        )
        assert row["created_s"] == pytest.approx(job["CreationTime"], abs=1e-3)
        assert row["changed_s"] == pytest.approx(job["LastModifiedTime"], abs=1e-3)
        assert row["team"] is not None
    queued = fast.frame(
        "select service_job_id, status, queue_name, len(attempts) as attempt_count"
        " from service_jobs order by all"
    ).to_dict("records")
    submitted = {job.job_id: job.described(now) for job in history.submitted_jobs(now)}
    assert [row["service_job_id"] for row in queued] == sorted(submitted)
    for row in queued:
        job = submitted[row["service_job_id"]]
        assert row["status"] == job["status"]
        assert job["jobQueue"].endswith(row["queue_name"])
        assert (row["attempt_count"] or 0) == len(job["attempts"])
    counts = {
        table: fast.scalar(f"select count(*) from {table}")
        for table in (
            "job_queues",
            "service_environments",
            "scheduling_policies",
            "queue_snapshots",
        )
    }
    assert counts == dict.fromkeys(counts, 2)  # the queue of containers is none of ours
    assert fast.scalar("select count(*) from quota_shares") > 0
    assert fast.scalar("select count(*) from queue_snapshots where account_id like 'imp%'") == 0


def test_the_same_twice_changes_nothing(fast: Store, aws: AwsServer) -> None:
    read(fast, aws)
    before, version = facts(fast), fast.version
    landed = len(list(fast.home.landing.glob("*.jsonl")))
    again = read(fast, aws, sources=("jobs",))
    assert again.accepted.total() == 0
    assert (facts(fast), fast.version) == (before, version)
    read(fast, aws)
    assert facts(fast) == before
    # the snapshot of this minute, and the jobs of the last minutes, are all that was landed
    assert len(list(fast.home.landing.glob("*.jsonl"))) <= landed + 2


def test_requests_are_the_least_possible(fast: Store, aws: AwsServer, history: AwsHistory) -> None:
    report = read(fast, aws)
    now = aws.clock.now
    training = math.ceil(len(history.created_jobs(now)) / 100)
    queued = sum(
        max(
            1,
            math.ceil(len([1 for job in history.submitted_jobs(now) if job.queue is queue]) / 100),
        )
        for queue in history.queues
    )
    settings = 1 + 1 + 1 + 1 + 2  # queues, environments, policies, the shares of one, snapshots
    least = 1 + settings + training + queued + len(history.submitted_jobs(now))
    assert report.requests == aws.requests
    assert report.least_requests == least
    assert least <= report.requests.total() <= 1.2 * least
    # nothing has changed since: a page of each list, the settings, and the pools that live
    aws.forget_requests()
    live = fast.scalar(
        "select count(*) from training_jobs where warm_pool_status in ('InUse', 'Available')"
    )
    waiting = fast.scalar(
        "select count(*) from service_jobs where status not in ('SUCCEEDED', 'FAILED')"
    )
    again = read(fast, aws)
    assert again.requests == aws.requests
    assert again.requests.total() <= 1 + settings + 1 + len(history.queues) + live + waiting


@pytest.mark.thorough
@pytest.mark.parametrize("denied", [set(), {"sagemaker:Search"}], ids=["search", "list"])
def test_a_history_that_goes_on_ends_as_if_read_at_once(
    fast: Store, other: Store, aws: AwsServer, denied: set[str]
) -> None:
    aws.knobs.denied |= denied
    # the whole history is in the future of the first reading, little by little
    aws.clock.now -= 5 * 86400
    for hours in (0.0, 7.0, 0.05, 100.0):
        aws.clock.advance(hours * 3600)
        read(fast, aws)
    read(other, aws)
    assert facts(fast) == facts(other)
    assert fast.scalar("select count(*) from training_jobs where warm_pool_status = 'Reused'") > 0


def test_a_difficult_aws_loses_no_job(
    fast: Store, other: Store, aws: AwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.aws.calls.FIRST_WAIT_S", 0.001)
    aws.knobs.throttled_share, aws.knobs.failed_share = 0.1, 0.05
    aws.knobs.empty_page_every, aws.knobs.largest_page = 3, 9
    aws.knobs.duplicates = aws.knobs.moving_pages = True
    aws.knobs.clock_skew_s = -45.0
    aws.clock.step_s = 1.0  # jobs begin and end while they are read
    aws.clock.now -= 86400
    report = read(fast, aws)
    assert report.problems == []
    assert report.retries.total() == sum(aws.refused.values()) > 5
    assert report.requests == aws.requests
    read(fast, aws)
    aws.clock.step_s = 0.0
    read(fast, aws)
    aws.knobs.__dict__.update(Knobs().__dict__)
    read(other, aws)
    assert facts(fast) == facts(other)


def test_statuses_that_nobody_knows_yet_are_rejected_by_name_and_the_rest_is_read(
    fast: Store, aws: AwsServer
) -> None:
    aws.knobs.unknown_status_every, aws.knobs.new_fields = 4, True
    report = sync(fast, sources=("jobs",), now=aws.clock.instant)
    assert report.problems == []
    count = fast.scalar("select count(*) from training_jobs")
    assert report.rejected["jobs"] >= 120 - count > 5
    reasons = fast.frame("select distinct reason from rejected_rows")["reason"]
    assert all("Hibernating" in reason for reason in reasons)


def test_what_is_denied_is_named_and_the_rest_is_read(fast: Store, aws: AwsServer) -> None:
    aws.knobs.denied |= {
        "sagemaker:Search",
        "sagemaker:ListTags",
        "batch:DescribeServiceEnvironments",
        "batch:DescribeServiceJob",
        "batch:GetJobQueueSnapshot",
    }
    report = read(fast, aws)
    assert report.denied.keys() == aws.knobs.denied
    assert report.problems == []
    assert fast.scalar("select count(*) from training_jobs where instance_groups is not null") > 100
    assert fast.scalar("select count(*) from service_jobs where queue_name is not null") > 20
    assert fast.scalar("select count(*) from scheduling_policies") == 2
    assert fast.scalar("select count(*) from service_environments") == 0
    # allowed at last: the settings come, and service jobs whole, though nothing is new of them
    aws.knobs.denied.clear()
    assert read(fast, aws).denied == {}
    assert fast.scalar("select count(*) from service_environments") == 2


def test_no_permission_at_all_is_no_end(fast: Store, aws: AwsServer) -> None:
    aws.knobs.denied |= {
        "sagemaker:Search",
        "sagemaker:ListTrainingJobs",
        "batch:DescribeJobQueues",
    }
    assert read(fast, aws).denied.keys() == aws.knobs.denied
    assert plan_sync(fast, sources=EVERY, now=aws.clock.instant).problems == ()


def test_a_job_that_is_gone_before_it_is_described_is_known_by_its_summary(
    fast: Store, aws: AwsServer, history: AwsHistory
) -> None:
    gone = history.created_jobs(aws.clock.now)[-3].name
    aws.knobs.denied.add("sagemaker:Search")
    aws.knobs.deleted.add(gone)
    assert read(fast, aws, sources=("jobs",)).problems == []
    assert fast.scalar(
        "select status is not null and instance_groups is null from training_jobs"
        " where job_name = $name",
        {"name": gone},
    )


def test_credentials_that_expire_end_it_cleanly_and_the_next_run_goes_on(
    fast: Store, other: Store, aws: AwsServer
) -> None:
    aws.knobs.denied.add("sagemaker:Search")
    aws.knobs.largest_page = 20
    aws.knobs.expires_after = 120
    report = read(fast, aws, sources=("jobs",))
    assert [problem.what.partition(":")[0] for problem in report.problems] == [
        "The credentials of the account 'default' are not valid (any more)"
    ]
    assert "aws sso login" in report.problems[0].next_action
    kept = fast.scalar("select count(*) from training_jobs")
    assert 20 <= kept < 120
    aws.knobs.expires_after = None
    aws.forget_requests()
    assert read(fast, aws, sources=("jobs",)).problems == []
    read(other, aws, sources=("jobs",))
    assert facts(fast) == facts(other)


def test_it_ends_where_it_is_asked_to_and_goes_on_there(
    fast: Store, other: Store, aws: AwsServer
) -> None:
    aws.knobs.largest_page = 10
    aws.knobs.delays["sagemaker:Search"] = 0.03

    def progress(step: str, share: float) -> None:
        if aws.requests["sagemaker:Search"] >= 5:
            raise Cancelled

    report = read(fast, aws, sources=("jobs",), progress=progress)
    assert report.is_cancelled
    kept = fast.scalar("select count(*) from training_jobs")
    assert 30 <= kept < 120
    # the newest came first, and they are not read again
    aws.forget_requests()
    read(fast, aws, sources=("jobs",))
    assert fast.scalar("select count(*) from training_jobs") == 120
    assert aws.requests["sagemaker:Search"] <= math.ceil((120 - kept) / 9) + 3


def test_without_credentials_it_says_which_ways_there_are(
    fast: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    config = tmp_path / "config"
    config.write_text("[profile research]\nsso_session = org\nsso_account_id = 1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    (problem,) = sync(fast).problems
    assert "No AWS credentials" in problem.what
    assert "`aws sso login --profile research`" in problem.next_action
    assert "AWS_ACCESS_KEY_ID" in problem.next_action


def test_accounts_and_regions_of_stoker_toml_are_read_by_their_roles(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(NOW)
    places = [
        ("111111111111", "us-east-1"),
        ("111111111111", "eu-west-1"),
        ("222222222222", "us-east-1"),
    ]
    histories = [
        AwsHistory(clock, seed=seed, jobs=12, account=account, region=region)
        for seed, (account, region) in enumerate(places)
    ]
    (store.home.root / "stoker.toml").write_text(
        FAST
        + """
        [[account]]  # the team's own
        name = "one"
        account_id = "111111111111"
        role_arn = "arn:aws:iam::111111111111:role/reader"
        external_id = "team"
        regions = ["us-east-1", "eu-west-1"]

        [[account]]
        name = "two"
        role_arn = "arn:aws:iam::222222222222:role/reader"
        """
    )
    with AwsServer(*histories) as aws:
        aws.set_environment(monkeypatch)
        plan = plan_sync(store, sources=("jobs",), now=clock.instant)
        assert [(one.calls.account_id, one.calls.region) for one in plan.scopes] == places
        report = read(store, aws, plan=plan, sources=("jobs",))
        assert report.problems == []
        del aws.requests["sts:AssumeRole"]
        assert report.requests == aws.requests
    found = store.frame("select distinct account_id, region from training_jobs order by all")
    assert [tuple(row) for row in found.itertuples(index=False)] == sorted(places)
    wrong = Account("wrong", account_id="333333333333")
    with AwsServer(*histories) as aws:
        aws.set_environment(monkeypatch)
        (problem,) = sync(store, [wrong], now=clock.instant).problems
    assert "are of 123456789012, not of 333333333333" in problem.what


@pytest.mark.thorough
def test_landing_alone_gives_all_of_it_back(aws: AwsServer, tmp_path: Path) -> None:
    home = Home(tmp_path / "rebuilt").create()
    (home.root / "stoker.toml").write_text(FAST)
    with closing(open_home(home)) as opened:
        read(opened, aws)
        aws.clock.advance(timedelta(hours=9).total_seconds())
        read(opened, aws)
        before = facts(opened)
    rebuild(home)
    with closing(open_home(home)) as opened:
        assert facts(opened) == before
        # how far was read is forgotten: it reads again, and nothing changes
        read(opened, aws)
        assert facts(opened) == before


def test_a_plan_says_how_much_there_is(fast: Store, aws: AwsServer) -> None:
    plan = plan_sync(fast, sources=("jobs",), now=aws.clock.instant)
    assert [(step.what, step.request_count) for step in plan.steps] == [("Training jobs (120)", 2)]
    read(fast, aws, plan=plan, sources=("jobs",))
    later = plan_sync(fast, sources=("jobs",), now=aws.clock.instant)
    assert later.request_count < 15
    assert later.steps[0].what == "Training jobs (1)"


def test_every_source_fills_its_tables(fast: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(NOW)
    with AwsServer(AwsHistory(clock, jobs=10, days=1)) as aws:
        aws.set_environment(monkeypatch)
        told: list[Step] = []
        report = sync(fast, now=clock.instant, on_step=told.append)
        assert report.problems == []
        assert report.denied == {}
        assert report.rejected.total() == 0
        assert report.requests == aws.requests
        for table in (
            *("training_jobs", "service_jobs", "service_job_attempts", "job_queues"),
            *("service_environments", "scheduling_policies", "share_weights", "quota_shares"),
            *("queue_snapshots", "metric_samples", "service_quotas"),
        ):
            assert fast.scalar(f"select count(*) from {table}") > 0, table
        assert fast.scalar("select count(*) from prices where source like 'AWS %'") > 0
        # metrics cost something: they are told of before, and read once
        (step,) = told
        assert step.cost_usd > 0
        before = aws.requests["pricing:GetProducts"]
        again = sync(fast, now=clock.instant, cap_usd=0.0)
        assert aws.requests["pricing:GetProducts"] == before  # once a day
        assert again.requests["cloudwatch:GetMetricData"] == 0  # no money for what runs still
