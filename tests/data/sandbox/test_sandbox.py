"""Ad-hoc SQL: what it may ask, what is refused, and that nothing it does harms the store."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data import background
from data.errors import StokerError
from data.raw.inputs import Cancelled
from data.sandbox import runner
from data.sandbox.footprint import Footprint
from data.sandbox.functions import FUNCTIONS, TABLE_FUNCTIONS
from data.sandbox.runner import SelectResult, select, tables
from data.sandbox.validator import MOST_CHARACTERS, check, checked
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import describe_job

LIMIT_S = 0.5

NOT_A_SELECT = {
    "empty": "",
    "only a comment": "-- select 1",
    "no sql": "how much did we spend?",
    "unfinished": "select count( from training_jobs",
    "unclosed comment": "select 1 /*",
    "delete": "delete from training_jobs",
    "insert": "insert into prices select * from prices",
    "update": "update training_jobs set user_name = 'me'",
    "merge": "merge into prices using prices p on true when matched then delete",
    "truncate": "truncate training_jobs",
    "drop": "drop table training_jobs",
    "alter": "alter table training_jobs drop column status",
    "create": "create table mine as select 1",
    "create temporary": "create temp table mine as select 1",
    "create view": "create view mine as select 1",
    "create macro": "create macro mine() as 1",
    "comment": "comment on table training_jobs is 'mine'",
    "two statements": "select 1; select 2",
    "select, then delete": "select 1; delete from training_jobs",
    "commit, then delete": "commit; delete from training_jobs",
    "rollback": "rollback",
    "begin": "begin transaction",
    "delete in a part": "with d as (delete from training_jobs returning *) select * from d",
    "insert in a part": "with d as (insert into prices select * from prices returning *) from d",
    "update in a part": "with d as (update prices set note = '' returning *) select * from d",
    "copy out": "copy training_jobs to '/tmp/stolen.csv'",
    "copy in": "copy prices from '/etc/passwd'",
    "export": "export database '/tmp/stolen'",
    "import": "import database '/tmp/stolen'",
    "attach": "attach '/tmp/other.duckdb' as other",
    "detach": "detach stoker",
    "use": "use memory",
    "install": "install httpfs",
    "load": "load httpfs",
    "pragma": "pragma database_list",
    "pragma as a setting": "pragma memory_limit = '100GB'",
    "set": "set memory_limit = '100GB'",
    "reset": "reset memory_limit",
    "set variable": "set variable mine = 1",
    "call": "call pragma_version()",
    "checkpoint": "checkpoint",
    "vacuum": "vacuum",
    "prepare": "prepare mine as select 1",
    "execute": "execute mine",
    "explain": "explain select 1",
    "explain analyze": "explain analyze delete from training_jobs",
    "secret": "create secret mine (type s3)",
    "show": "show tables",
    "show settings": "select * from (show all tables)",
    "parameter": "select * from training_jobs where job_name = $name",
}
NOT_OURS = {
    "setting behind AT": "select * from job_facts at"
    " (version => current_setting('temp_directory')::int)",
    "function behind AT": "with c as (select 1) select * from c at (version => error('boom'))",
    "no text": "select '\ud800'",
    "a file": "select * from '/etc/passwd'",
    "a csv": "select * from 'landing/events/x.csv'",
    "a url": "select * from 'https://example.com/x.parquet'",
    "a bucket": "select * from 's3://bucket/x.parquet'",
    "read_csv": "select * from read_csv('/etc/passwd')",
    "read_text": "select * from read_text('/etc/passwd')",
    "read_blob": "select * from read_blob('/etc/passwd')",
    "read_json": "select * from read_json('https://example.com/x.json')",
    "read_parquet": "select * from read_parquet(['x.parquet'])",
    "parquet_metadata": "select * from parquet_metadata('x.parquet')",
    "sniff_csv": "select * from sniff_csv('/etc/passwd')",
    "glob": "select * from glob('/**')",
    "settings": "select * from duckdb_settings()",
    "secrets": "select * from duckdb_secrets()",
    "secrets, in capitals": "select * from DuckDB_Secrets()",
    "tables": "select * from duckdb_tables",
    "information schema": "select * from information_schema.tables",
    "pg_catalog": "select * from pg_catalog.pg_class",
    "sqlite_master": "select * from sqlite_master",
    "query": "select * from query('delete from training_jobs')",
    "query_table": "select * from query_table('duckdb_settings')",
    "json_execute": "select * from json_execute_serialized_sql('{}')",
    "an undocumented table": "select * from undocumented",
    "another database": "select * from memory.main.training_jobs",
    "another schema": "select * from temp.training_jobs",
    "in a subquery": "select (select count(*) from duckdb_settings())",
    "in a join": "select * from training_jobs join read_text('/etc/passwd') on true",
    "in a condition": "select 1 where exists (select 1 from glob('/*'))",
    "a part named like it, elsewhere":
        "from (with sqlite_master as (select 1) from sqlite_master), sqlite_master",
    "a part that reads its own name":
        "with sqlite_master as (select * from sqlite_master) from sqlite_master",
    "a part before it is there":
        "with a as (select * from sqlite_master), sqlite_master as (select 1) from a",
    "the first half of a recursion":
        "with recursive sqlite_master as (select name from sqlite_master union all"
        " select name from sqlite_master where false) from sqlite_master",
    # Python lowers the Kelvin sign to k, DuckDB does not
    "letters that look alike": "with pg_to\u212aen as (select 1) select * from pg_token",
    "describe": "describe duckdb_settings()",
    "summarize": "summarize sqlite_master",
    "setting": "select current_setting('home_directory')",
    "environment": "select getenv('HOME')",
    "variable": "select getvariable('x')",
    "sequence": "select nextval('job_ids')",
    "log": "select write_log('x')",
    "sleep": "select sleep_ms(60000)",
    "statement": "select current_query()",
    "version": "select version()",
    "edit distance": "select levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
    "function in a function": "select list_transform([1], lambda x: sleep_ms(x))",
    "function in a window": "select sum(current_setting('threads')::int) over ()",
    "function in an order": "select 1 order by current_setting('threads')",
    "function in a part": "with a as (select current_setting('threads')) select 1",
    "nested deeply": "select " + "(" * 20_000 + "1" + ")" * 20_000,
    "subqueries nested deeply": "select * from " + "(select * from " * 2000 + "prices" + ")" * 2000,
    "long": "select '" + "x" * MOST_CHARACTERS + "'",
    "parts that double": "with "
    + ", ".join(
        f"a{i} as (select x.* from a{i - 1} x, a{i - 1} y)" if i else "a0 as (select 1)"
        for i in range(30)
    )
    + " select count(*) from a29",
}  # fmt: skip
TOO_MUCH = {
    "count": "select count(*) from range(1000000000000)",
    "cross join": "select sum(a.range * b.range) from range(10000000) a, range(10000000) b",
    "sort": "select * from range(1000000000) order by hash(range) limit 1",
    "recursion": "with recursive r(n) as (select 1 union all select n + 1 from r)"
    " select max(n) from r",
    "doubling text": "with recursive r(s) as (select 'stoker' union all select s || s from r)"
    " select max(length(s)) from r",
    "list": "select list(range) from range(100000000000)",
    "long text": "select length(repeat('x', 4000000000)) from range(10)",
    "longer text": "select repeat('x', 100000000000)",
    "long texts": "select repeat('x', 100000000 + range) from range(2048)",
    "list of a call": "select list_aggregate(range(10000000000), 'sum')",
    "list of a smaller call": "select list_sum(range(1000000000))",
    "wide number": "select length(printf('%2000000000d', range)) from range(5)",
    "many joins": "select count(*) from " + ", ".join(f"range(100) t{i}" for i in range(30)),
}


def run(store: Store, sql: str, *, most_rows: int = 100, time_limit_s: float = 10) -> SelectResult:
    return select(Reader(store), sql, most_rows=most_rows, time_limit_s=time_limit_s)


def state(store: Store) -> tuple[object, ...]:
    """Return what would tell of a change: the version, all tables and how much is in them."""
    names = store.frame("select table_name from duckdb_tables() order by table_name")["table_name"]
    counts = [store.scalar(f'select count(*) from "{name}"') for name in names]
    return (store.version, *names, *counts)


@pytest.mark.parametrize("sql", [*NOT_A_SELECT.values(), *NOT_OURS.values()],
                         ids=[*NOT_A_SELECT, *NOT_OURS])  # fmt: skip
def test_hostile_sql_is_refused_and_changes_nothing(demo_store: Store, sql: str) -> None:
    before = state(demo_store)
    with pytest.raises(StokerError) as refused:
        run(demo_store, sql)
    assert refused.value.what.endswith(".")
    assert refused.value.next_action.endswith(".")
    assert state(demo_store) == before


@pytest.mark.thorough
@pytest.mark.parametrize("sql", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_takes_too_much_is_stopped_and_the_store_still_answers(
    demo_store: Store, sql: str
) -> None:
    began_at = time.monotonic()
    with pytest.raises(StokerError):
        run(demo_store, sql, time_limit_s=LIMIT_S)
    assert time.monotonic() - began_at < LIMIT_S + 5
    assert run(demo_store, "select count(*) from training_jobs").frame.iloc[0, 0] > 1000


def test_the_transaction_is_read_only_even_without_the_check(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = Footprint(("training_jobs", "prices"), None, is_one_pass=False)
    monkeypatch.setattr(runner, "checked", lambda sql, tables: every)
    before = state(demo_store)
    for sql in ("delete from training_jobs", NOT_A_SELECT["delete in a part"],
                "create table mine as select 1"):  # fmt: skip
        with pytest.raises(StokerError, match="read-only"):
            run(demo_store, sql)
    for sql in (NOT_OURS["read_text"], NOT_A_SELECT["copy out"], NOT_A_SELECT["set"]):
        with pytest.raises(StokerError):
            run(demo_store, sql)
    assert state(demo_store) == before
    assert not Path("/tmp/stolen.csv").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from training_jobs",
        "SELECT COUNT(*) FROM Training_Jobs;",
        "from training_jobs",
        "table prices",
        "values (1), (2)",
        "(select 1) union all (select 2) order by 1",
        "select * from main.training_jobs -- a comment",
        "with jobs as (select * from training_jobs) select status, count(*) from jobs group by all",
        "with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) from r",
        "with prices as (select 1 as one) select one from prices",
        "select quantile_cont(billable_s, 0.9), mode(status), list(distinct region),"
        " count(*) filter (status like 'Comp%'), string_agg(region, ',' order by region)"
        " from training_jobs",
        "select row_number() over (partition by region order by created_at) from training_jobs"
        " qualify row_number() over (order by created_at) < 3",
        "select unnest(tags), s.key from training_jobs, unnest(tags) as t(s)",
        "select date_trunc('week', created_at), time_bucket(interval 1 day, created_at),"
        " extract(year from created_at), created_at at time zone 'UTC', now() - created_at,"
        " strftime(created_at, '%Y'), created_at::date from training_jobs",
        "select case when is_spot then 1 end, coalesce(user_name, 'nobody'), tags[1].key,"
        " [x + 1 for x in [1, 2]], {'a': 1}, map {'a': 1}, try_cast(job_name as int),"
        " regexp_extract(job_name, '^[a-z]+'), job_name[1:3], not is_spot, -billable_s, 5 % 2,"
        " region in ('a', 'b'), region is distinct from 'a', billable_s between 1 and 2,"
        " greatest(1, 2), if(is_spot, 1, 2), job_name.upper() from training_jobs",
        "select * exclude (tags) replace (upper(region) as region) from training_jobs",
        "select columns('.*_at') from training_jobs",
        "from training_jobs asof join prices on created_at >= effective_from",
        "from (pivot (select status from training_jobs) on status in ('Failed') using count(*))",
        "unpivot (select 1 as a, 2 as b) on a, b",
        "select * from training_jobs using sample 3 rows",
        "describe training_jobs",
        "summarize prices",
        "select * from range(3), generate_series(1, 2)",
    ],
)  # fmt: skip
def test_what_people_ask_runs(demo_store: Store, sql: str) -> None:
    assert len(run(demo_store, sql).frame.columns) > 0


def test_rows_beyond_the_cap_are_left_out_and_said(demo_store: Store) -> None:
    capped = run(demo_store, "select range as n from range(1000000000000)", most_rows=5000)
    assert (len(capped.frame), capped.is_capped) == (5000, True)
    exact = run(demo_store, "select range as n from range(5000)", most_rows=5000)
    assert (len(exact.frame), exact.is_capped) == (5000, False)
    assert not run(demo_store, "select 1 where false").is_capped


def test_order_is_kept_beyond_one_batch(demo_store: Store) -> None:
    rows = run(demo_store, "select range as n from range(50000) order by hash(range)",
               most_rows=50_000).frame  # fmt: skip
    wanted = demo_store.frame("select range as n from range(50000) order by hash(range)")
    assert rows["n"].tolist() == wanted["n"].tolist()


def test_a_result_that_is_too_large_is_refused(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "MOST_BYTES", 2**20)
    with pytest.raises(StokerError, match="larger than"):
        run(demo_store, "select repeat('x', 10000) from range(1000)", most_rows=1000)


def test_values_keep_what_they_are(store: Store) -> None:
    rows = run(
        store,
        "select timestamptz '2026-03-02 09:00+01' as aware, timestamp '2026-03-02 08:00' as bare,"
        " date '2026-03-02' as day, 9007199254740993 as big, null::int as unknown,"
        " sum(2) as total, 1.25 as exact, interval '1 day 90 seconds' as span,"
        " [timestamptz '2026-03-02 08:00Z'] as list, true as yes, 1 as twice, 2 as twice",
    ).frame
    row = rows.iloc[0]
    at_eight = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert row["aware"].to_pydatetime() == row["bare"].to_pydatetime() == at_eight
    assert isinstance(rows["bare"].dtype, pd.DatetimeTZDtype)
    assert row["day"] == pd.Timestamp("2026-03-02")
    assert (row["big"], row["total"], row["exact"]) == (9007199254740993, 2, 1.25)
    assert row["unknown"] is pd.NA
    assert row["span"] == "1 day 00:01:30"
    assert row["yes"] is True or row["yes"]
    assert (row["twice"], row["twice_1"]) == (1, 2)
    assert row["list"] == [at_eight]


def test_an_error_names_what_is_wrong(demo_store: Store) -> None:
    with pytest.raises(StokerError, match='Referenced column "nonsense" not found'):
        run(demo_store, "select nonsense from training_jobs")
    with pytest.raises(StokerError, match=r"syntax error .* \(line 2\)"):
        run(demo_store, "select *\n form training_jobs")
    with pytest.raises(StokerError, match="Could not convert string"):
        run(demo_store, "select job_name::int from training_jobs")
    with pytest.raises(StokerError, match="no table 'jobs'") as refused:
        run(demo_store, "select * from jobs")
    assert "training_jobs" in refused.value.next_action


def test_a_statement_that_does_not_stop_costs_nobody_else_anything(demo_store: Store) -> None:
    slow = threading.Thread(
        target=lambda: pytest.raises(
            StokerError, run, demo_store, TOO_MUCH["cross join"], time_limit_s=2
        )
    )
    slow.start()
    began_at = time.monotonic()
    while slow.is_alive() and time.monotonic() - began_at < 1:
        assert run(demo_store, "select count(*) from job_facts").frame.iloc[0, 0] > 1000
    assert time.monotonic() - began_at < 2, "nobody waits for it"
    slow.join()


def test_only_so_many_run_at_once_and_the_rest_wait(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_places", threading.BoundedSemaphore(1))
    slow = threading.Thread(
        target=lambda: pytest.raises(
            StokerError, run, demo_store, TOO_MUCH["count"], time_limit_s=1
        )
    )
    slow.start()
    time.sleep(0.2)
    with pytest.raises(StokerError, match="still running"):
        run(demo_store, "select 1", time_limit_s=0.1)
    assert len(run(demo_store, "select 1").frame) == 1
    slow.join()


def test_a_statement_ends_with_the_task_that_asks_it(demo_store: Store) -> None:
    failed: list[BaseException] = []

    def ask(task: background.Task) -> None:
        try:
            run(demo_store, TOO_MUCH["cross join"], time_limit_s=30)
        except Cancelled as error:
            failed.append(error)

    before = set(_processes())
    task = background.start("ask", ask)
    while not set(_processes()) - before:
        time.sleep(0.02)
    task.cancel()
    assert task.wait(10)
    assert len(failed) == 1
    assert wait_for(lambda: set(_processes()) <= before)


def _processes() -> list[int]:
    """Return the processes of statements that run now."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if b"data.sandbox.nursery" in path.read_bytes():
                stat = (path.parent / "stat").read_text()
                found.append((int(path.parent.name), stat.rpartition(")")[2].split()[1]))
    nurseries = {number for number, parent in found if parent == str(os.getpid())}
    return [number for number, parent in found if int(parent) in nurseries]


def wait_for(is_so: Callable[[], bool], *, within_s: float = 10) -> bool:
    give_up_at = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.02)
    return True


def test_nothing_is_left_of_a_statement_that_asked_for_too_much(demo_store: Store) -> None:
    with pytest.raises(StokerError, match="more memory"):
        run(demo_store, TOO_MUCH["list of a smaller call"])
    assert wait_for(lambda: not _processes())
    assert not list(demo_store.home.scratch.glob("sql-*"))
    assert len(bytearray(2**30)) == 2**30, "the bound is the statement's, not ours"


def test_a_process_that_was_killed_from_outside_is_started_again(demo_store: Store) -> None:
    assert len(run(demo_store, "select 1").frame) == 1
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if b"data.sandbox.nursery" in path.read_bytes() and (
                f"PPid:\t{os.getpid()}\n" in (path.parent / "status").read_text()
            ):
                os.kill(int(path.parent.name), signal.SIGKILL)
    assert wait_for(lambda: _runs(demo_store))


def _runs(store: Store) -> bool:
    try:
        return len(run(store, "select 1").frame) == 1
    except StokerError:
        return False


ALL_COLUMNS_COUNT = [
    "select count(*) from (select distinct * from job_facts)",
    "with a as (select * from job_facts), b as (select * exclude (pool_key) from a) select"
    " count(pool_key) from a",
    "with a as (from job_facts where status = 'Failed') select user_name, count(*) from a"
    " group by all order by all",
    "select count(*) from (select * from job_facts union select * from job_facts)",
    "select count(f), sum(hash(f) % 7)::bigint from job_facts f",
    "select columns('.*_usd') from job_facts order by all limit 3",
    "select * from (select * from job_facts) order by job_name limit 2",
    "select count(*) from training_jobs natural join job_facts",
    "select count(*) from job_facts where (select count(*) from (select * from prices)) > 0",
    "select max(n) from (select count(*) over (partition by region) as n from job_facts)",
    "select a.status, b.status from job_facts a join job_facts b using (job_name, region)"
    " order by job_name limit 3",
    "select string_agg(distinct status, ',' order by status), count(*) from job_facts",
    "select upper(JOB_NAME) from Job_Facts order by 1 limit 3",
    "select 7 from job_facts limit 2",
]


@pytest.mark.parametrize("sql", ALL_COLUMNS_COUNT)
def test_rows_are_those_of_whole_tables(demo_store: Store, sql: str) -> None:
    rows = run(demo_store, sql, most_rows=10).frame
    wanted = demo_store.frame(sql)
    assert rows.astype(str).to_numpy().tolist() == wanted.astype(str).to_numpy().tolist()


def test_a_statement_is_given_the_columns_that_it_names_and_no_others() -> None:
    def names(sql: str) -> set[str] | None:
        found = checked(sql, ["jobs", "prices"]).names
        return None if found is None else found & {"a", "b", "c"}

    assert names("with x as (select * from jobs where a > 1) select sum(b) from x") == {"a", "b"}
    assert names("select sum(q.b) from (from jobs) q") == {"b"}
    assert names("select * from jobs") is None
    assert names("with x as (select distinct * from jobs) select sum(b) from x") is None
    assert names("select jobs from jobs") is None
    assert names("from jobs natural join prices select a") is None
    assert checked("select a from jobs where b", ["jobs"]).is_one_pass
    assert not checked("select a from jobs, jobs b", ["jobs"]).is_one_pass
    assert not checked("select max(a) over () from jobs", ["jobs"]).is_one_pass


def test_every_allowed_function_exists() -> None:
    names = duckdb.connect().execute("select function_name from duckdb_functions()").fetchall()
    assert {name for (name,) in names} | {name.lower() for (name,) in names} >= FUNCTIONS
    assert {name for (name,) in names} >= TABLE_FUNCTIONS


def test_the_tables_are_the_documented_ones(store: Store) -> None:
    assert {"training_jobs", "input_channels", "prices", "imports"} <= set(tables(store))
    assert "undocumented" not in tables(store)


def test_the_check_alone_runs_nothing() -> None:
    check("select * from jobs where cost > (select avg(cost) from jobs)", ["jobs"])
    with pytest.raises(StokerError, match="no table 'Jobs2'"):
        check("select * from Jobs2", ["jobs"])


KILLER = f"select concat_ws(repeat('a', {{}}), {', '.join(['job_name'] * 45)}) from training_jobs"


@pytest.mark.parametrize("call", ["repeat('a', 100000000)", "lpad('a', 1_000_000_000, 'b')",
                                  "rpad(job_name, 20000000, ' ')"])  # fmt: skip
def test_a_text_that_is_written_to_be_huge_is_refused(call: str) -> None:
    with pytest.raises(StokerError, match="10,000,000 is the most"):
        check(f"select {call} from jobs", ["jobs"])
    check("select repeat('a', 10000000), lpad(name, 12, '0') from jobs", ["jobs"])


def test_the_statement_on_which_duckdb_gives_up_is_refused(demo_store: Store) -> None:
    with pytest.raises(StokerError, match="characters or more"):
        run(demo_store, KILLER.format(100_000_000))
    assert demo_store.opened_count == 1


def test_when_duckdb_gives_up_on_a_statement_everyone_else_goes_on(
    store: Store, take: Callable[..., object]
) -> None:
    take(describe_job("a"))
    reader = Reader(store)
    with reader.snapshot() as version:
        assert reader.scalar("select count(*) from training_jobs") == 1
        with pytest.raises(StokerError, match="maximum supported string size") as caught:
            run(store, KILLER.format("100000000 * length(job_name)"))
        assert "Stack Trace" not in caught.value.what
        assert reader.scalar("select count(*) from training_jobs") == 1
        assert reader.version == version
    assert run(store, "select count(*) from training_jobs").frame.iloc[0, 0] == 1
    take(describe_job("b"))
    assert run(store, "select count(*) from training_jobs").frame.iloc[0, 0] == 2
    assert store.opened_count == 1, "it was another's DuckDB that gave up"
