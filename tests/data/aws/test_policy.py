"""docs/iam-policy.json allows exactly what the code calls."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from data.aws.errors import iam_action

ROOT = Path(__file__).parents[3]
# STS answers who one is without any permission; roles are taken by botocore itself
FREE = {"sts:GetCallerIdentity"}
OF_BOTOCORE = {"sts:AssumeRole"}
# bills are files, read by pyarrow
OF_FILES = {"s3:ListBucket", "s3:GetObject"}


def called() -> Iterator[str]:
    """Yield the IAM action of every call and list of pages in data/aws."""
    for path in sorted((ROOT / "data/aws").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            name.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for name in node.targets
            if isinstance(name, ast.Name)
        }

        def text(node: ast.expr, known: dict[str, object] = constants) -> str:
            if isinstance(node, ast.Name):
                return str(known[node.id])
            assert isinstance(node, ast.Constant), ast.dump(node)
            return str(node.value)

        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            of_calls = ast.unparse(node.func.value) in {"calls", "scope.calls", "self"}
            if of_calls and node.func.attr in {"call", "pages"} and path.name != "calls.py":
                yield iam_action(text(node.args[0]), text(node.args[1]))


def test_the_policy_allows_exactly_what_is_called() -> None:
    policy = json.loads((ROOT / "docs/iam-policy.json").read_text(encoding="utf-8"))
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert set(called()) | OF_BOTOCORE == allowed - OF_FILES
