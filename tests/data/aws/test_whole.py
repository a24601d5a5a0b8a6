"""A whole synchronisation, of every source: every table is filled, the policy is what it takes."""

import json
from pathlib import Path

from data.aws.accounts import Account
from data.aws.sync import sync
from data.store.store import Store
from tests.aws_server.history import ACCOUNT, REGION
from tests.aws_server.server import AwsServer

ROOT = Path(__file__).parents[3]
# STS answers who one is without any permission
FREE = {"sts:GetCallerIdentity"}
# bills are files, read by pyarrow
OF_FILES = {"s3:ListBucket", "s3:GetObject"}
TABLES = (
    *("training_jobs", "service_jobs", "job_queues", "service_environments"),
    *("scheduling_policies", "quota_shares", "queue_snapshots", "metric_samples"),
    *("prices", "service_quotas", "training_plans", "sync_watermarks"),
)


def test_every_table_is_filled_by_the_operations_of_the_policy_and_no_other(
    fast: Store, aws: AwsServer
) -> None:
    policy = json.loads((ROOT / "docs/iam-policy.json").read_text(encoding="utf-8"))
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    own = Account("own", regions=(REGION,))
    in_role = Account("other", role_arn=f"arn:aws:iam::{ACCOUNT}:role/stoker", regions=(REGION,))
    # first where nothing may be searched, and in a role: the longest way to a job
    aws.knobs.denied.add("sagemaker:Search")
    listed = sync(fast, [in_role], sources=("jobs",), now=aws.clock.instant)
    assert (listed.problems, listed.denied.keys()) == ([], {"sagemaker:Search"})
    aws.knobs.denied.clear()
    whole = sync(fast, [own], now=aws.clock.instant)
    assert (whole.problems, whole.denied) == ([], {})
    assert aws.refused.total() == 1
    assert set(aws.requests) - FREE == allowed - OF_FILES
    empty = {table for table in TABLES if not fast.scalar(f"select count(*) from {table}")}
    assert empty == set()
