"""Which records are of one job: names without case, creations, accounts, attempts."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, InputFile, ingest, ingest_files, uploaded
from data.ingest.rebuild import rebuild
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines

HEADER = "job_name,created_at,training_started_at,training_ended_at,pool_key,account_id,region\n"
YEAR_S = 365 * 86400


def csv(*rows: tuple[Any, ...]) -> bytes:
    return (HEADER + "".join(",".join(map(str, row)) + "\n" for row in rows)).encode()


def without_arn(job: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {key: value for key, value in job.items() if key != "TrainingJobArn"} | fields


def jobs(store: Store) -> list[tuple[Any, ...]]:
    found = store.frame(
        """
        select job_name, account_id, region,
            round(epoch(created_at) - epoch('2026-03-02 08:00:00Z'::timestamptz))::bigint
                as created,
            round(epoch(training_ended_at) - epoch('2026-03-02 08:00:00Z'::timestamptz))::bigint
                as ended,
            version_count
        from training_jobs
        """
    ).astype(object)
    return sorted(found.where(found.notna(), None).itertuples(index=False, name=None), key=str)


A, US = "123456789012", "us-east-1"
FILES: tuple[tuple[str, bytes], ...] = (
    # the same name in other letters is the same job; a year later it is another
    ("one.jsonl", lines(describe_job("Seg-Run"), describe_job("later"))),
    ("two.jsonl", lines(describe_job("seg-run", created=30, FailureReason="x"),
                        describe_job("Seg-Run", created=-YEAR_S))),
    # accounts without their zero, as numbers and as floats, in a file and in an ARN
    ("zero.jsonl", lines(describe_job("zero", account="012345678901"),
                         describe_job("zero", account="12345678901", RoleArn="other"))),
    ("zero.csv", csv(*(("zero", at(0), "", "", "", text, US)
                       for text in ("12345678901", "12345678901.0", "1.2345678901e10")))),
    # whose it is, is not said: it is of the one job that it fits, or stands alone
    ("bare.jsonl", lines(without_arn(describe_job("Later", RoleArn="bare")),
                         without_arn(describe_job("both")))),
    ("both.jsonl", lines(describe_job("both"), describe_job("both", region="eu-west-1"))),
    ("bare.csv", csv(("later", at(0), "", "", "", "", ""))),
    # attempts of one request, and a request of that name a year before
    ("attempts.csv", csv(("900", at(0), at(10), at(100), "p", "", ""),
                         ("900", at(0), at(200), at(300), "p", "", ""),
                         ("900", at(0), at(300), at(350), "p", "", ""),
                         ("900", at(-YEAR_S), at(-YEAR_S), at(5 - YEAR_S), "p", "", ""))),
    ("running.csv", csv(("900", at(0), at(10), at(100), "p", "", ""),
                        ("900", at(0), at(400), "", "p", "", ""))),
)  # fmt: skip
EXPECTED = sorted(
    [
        ("Seg-Run", A, US, 0, 690, 2),
        ("Seg-Run", A, US, -YEAR_S, 690 - YEAR_S, 1),
        ("Later", A, US, 0, 690, 3),
        ("zero", "012345678901", US, 0, 690, 3),
        ("both", A, US, 0, 690, 1),
        ("both", A, "eu-west-1", 0, 690, 1),
        ("both", "import:describe", "unknown", 0, 690, 1),
        ("900", "import:canonical", "unknown", 0, 100, 1),
        ("900", "import:canonical", "unknown", 0, 300, 1),
        ("900", "import:canonical", "unknown", 0, 350, 1),
        ("900", "import:canonical", "unknown", 0, None, 1),
        ("900", "import:canonical", "unknown", -YEAR_S, 5 - YEAR_S, 1),
    ],
    key=str,
)


@pytest.mark.parametrize("step", [1, -1])
def test_records_are_of_the_job_that_they_are_of_in_any_order(home: Home, step: int) -> None:
    files = [uploaded(name, content) for name, content in FILES[::step]]
    with closing(open_home(home, derivation=derive)) as store:
        one_by_one: list[InputFile] = files[:4]
        for file in one_by_one:
            ingest(store, file)
        list(ingest_files(store, files[4:]))
        found = jobs(store)
        # the job that was created at 30 is that of 0: the newer record says when
        named = [(row[0], *row[1:3], 0 if row[3] == 30 else row[3],
                  690 if row[4] == 720 else row[4], row[5]) for row in found]  # fmt: skip
        assert sorted(named, key=str) == EXPECTED
        assert store.scalar("select count(*) from rejected_rows") == 0
    rebuild(home)
    with closing(open_home(home, derivation=derive)) as store:
        assert jobs(store) == found


def test_what_records_make_together_is_checked_as_each_of_them(
    home: Home, new_home: Callable[[], Home]
) -> None:
    newer = {"LastModifiedTime": at(9999), "RoleArn": "new"}
    first = lines(describe_job("a"), describe_job("b"))
    second = lines(
        describe_job("a", **newer, TrainingStartTime=at(5000), TrainingEndTime=None,
                     BillableTimeInSeconds=None),
        describe_job("a", LastModifiedTime=at(9998), RoleArn="fits"),
        describe_job("b", **newer, TrainingStartTime=at(600), BillableTimeInSeconds=None),
    )  # fmt: skip
    found = []
    for files in ([first, second], [first + second]):
        place = home if len(files) == 2 else new_home()
        with closing(open_home(place, derivation=derive)) as store:
            for number, content in enumerate(files):
                result = ingest(store, uploaded(f"{number}.jsonl", content))
            assert isinstance(result, ImportResult)
            assert result.rejected_count == 2
            reasons = store.frame("select reason, raw from rejected_rows order by row_number")
            assert "training_ended_at is before training_started_at" in reasons["reason"][0]
            assert "billable_s is more than the time" in reasons["reason"][1]
            rows = store.frame(
                "select job_name, role_arn, epoch(training_ended_at - training_started_at) as run_s"
                " from training_jobs order by job_name"
            )
            found.append(rows.to_dict("records"))
    assert found[0] == found[1]
    assert [row["run_s"] for row in found[0]] == [630, 630]
    assert found[0][0]["role_arn"] == "fits"


def test_a_withdrawn_record_leaves_the_jobs_that_the_others_make(home: Home) -> None:
    from data.files.mapping import Mapping

    def mapping(name: str) -> Mapping:
        return Mapping.parse(f'[columns]\njob_name = "{name}"\ncreated_at = "at"', "m")

    content = f"id,other,at\nSeg-Run,x,{at(0)}\nlater,x,{at(0)}\n".encode()
    with closing(open_home(home, derivation=derive)) as store:
        ingest(store, uploaded("a.jsonl", lines(describe_job("Seg-Run"))))
        ingest(store, uploaded("m.csv", content), mapping=mapping("id"))
        assert [row[0] for row in jobs(store)] == ["Seg-Run", "later"]
        ingest(store, uploaded("m.csv", content), mapping=mapping("other"))
        assert [(row[0], row[5]) for row in jobs(store)] == [("Seg-Run", 1), ("x", 1)]
        assert store.scalar("select count(*) from training_job_versions") == 0
        assert store.scalar("select count(*) from job_facts") == 2


def test_a_link_goes_to_the_job_of_that_name_that_was_there(home: Home) -> None:
    pool = {"Status": "Reused", "ReusedByJob": "TRAIN", "ResourceRetainedBillableTimeInSeconds": 60}
    keep = {"KeepAlivePeriodInSeconds": 600}
    with closing(open_home(home, derivation=derive)) as store:
        ingest(
            store,
            uploaded(
                "jobs.jsonl",
                lines(
                    describe_job("donor", ResourceConfig=keep, WarmPoolStatus=pool),
                    describe_job("Train", created=700, provisioning=5, ResourceConfig=keep),
                ),
            ),
        )
        # a job of that name, a year before: the link stays where it was
        ingest(store, uploaded("before.jsonl", lines(describe_job("train", created=-YEAR_S))))
        rows = store.frame(
            "select job_name, outcome, donor_job_name from job_facts order by created_at"
        )
    assert list(rows["job_name"]) == ["train", "donor", "Train"]
    assert list(rows["outcome"]) == ["miss", "miss", "hit"]
    assert rows["donor_job_name"][2] == "donor"
