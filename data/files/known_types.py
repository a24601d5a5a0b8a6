"""The instance types that are known: those whose specification comes with Stoker."""

import csv
import io
from functools import cache
from importlib.resources import files


@cache
def known_types() -> tuple[str, ...]:
    """Return the names of all known instance types.

    >>> "ml.g5.2xlarge" in known_types()
    True
    """
    text = (files("data") / "reference" / "instance_specs.csv").read_text(encoding="utf-8")
    return tuple(sorted(row["instance_type"] for row in csv.DictReader(io.StringIO(text))))
