"""Which records are of one training job: the same name, account and region, created together."""

from importlib.resources import files

from data.datasets.dataset import Identity

IDENTITY = Identity(
    group="lower(job_name)",
    things=(files("data.datasets.training_jobs") / "identity.sql").read_text(encoding="utf-8"),
    preferred={
        "account_id": "not starts_with({value}, 'import:')",
        "region": "{value} <> 'unknown'",
        # the user's spelling: AWS may have it in lower case, and other programs in upper
        "job_name": (
            "({value} not in (lower({value}), upper({value})), version.record_kind <> 'export',"
            " {value} <> lower({value}))"
        ),
    },
)
