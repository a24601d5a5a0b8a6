"""What is read of AWS's answers is in botocore's model of them: fails when a field leaves it.

Fields of training jobs are held to it in tests/data/store/test_reference_tables.py, those of Batch
in tests/data/datasets/test_batch_shapes.py.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from data.datasets.metric_samples import cloudwatch
from data.datasets.service_quotas.dataset import LIST_SERVICE_QUOTAS
from data.datasets.training_plans.dataset import TRAINING_PLANS

ROOT = Path(__file__).parents[3]
# a module of data/aws -> the service that it calls
SERVICES = {
    "batch": "batch",
    "cloudwatch": "cloudwatch",
    "pricing": "pricing",
    "sagemaker": "sagemaker",
    "savings_plans": "savingsplans",
    "service_quotas": "service-quotas",
    "training_plans": "sagemaker",
}
# how an answer came, and columns of ours
OURS = {"ResponseMetadata", "HTTPHeaders", "date", "name"}
_SESSION = botocore.session.get_session()


@pytest.mark.parametrize("module", SERVICES)
def test_every_field_that_is_looked_up_is_one_of_awss(module: str) -> None:
    model = _SESSION.get_service_model(SERVICES[module])
    read = set(looked_up(ROOT / f"data/aws/{module}.py")) - OURS
    assert read, "nothing was found to be held to the model"
    known = set()
    for name in model.shape_names:
        known |= set(getattr(model.shape_for(name), "members", {}))
    assert read <= known


def looked_up(path: Path) -> Iterator[str]:
    """Yield what is taken out of dictionaries by a name that AWS may have given."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript):
            key = node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            key = node.args[0] if node.func.attr == "get" and node.args else None
        if isinstance(key, ast.Constant) and re.fullmatch(r"[A-Za-z]+", str(key.value)):
            yield str(key.value)


def test_quotas_and_series_are_read_by_awss_own_names() -> None:
    quotas = _output("service-quotas", "ListServiceQuotas").members["Quotas"].member
    assert set(LIST_SERVICE_QUOTAS.record) <= set(quotas.members)
    plans = _output("sagemaker", "ListTrainingPlans").members["TrainingPlanSummaries"].member
    assert set(TRAINING_PLANS.record) <= set(plans.members)
    answer = _output("cloudwatch", "GetMetricData")
    series = answer.members[cloudwatch.RESULTS].member
    read = set(re.findall(r'"(\w+)" varchar', cloudwatch.RECORD_TYPE.split("Host")[0]))
    assert read >= {"Id", "Timestamps", "Values"}
    assert read <= set(series.members)


def _output(service: str, operation: str) -> Any:
    return _SESSION.get_service_model(service).operation_model(operation).output_shape
