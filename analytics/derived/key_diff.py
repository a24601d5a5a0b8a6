"""First jobs of a key that came while a cluster of a nearly equal key was free: `key_changed`.

Definition: docs/metrics/miss_reason.md. A cluster is free from the end of its
job until another job takes it over, its keep-alive runs out, or AWS reports that it was gone.
"""

import duckdb
import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from analytics.derived.matching import NO_JOB, Int64s
from data.store.store import arrays

MOST_DIFFERING_FIELDS = 2

# field of `pools`, and how a person reads it
FIELDS = {
    "role_arn": "role",
    "instance_count": "instance count",
    "instance_type": "instance type",
    "volume_kms_key_id": "volume key",
    "volume_size_gib": "volume",
    "security_group_ids": "security groups",
    "subnets": "subnets",
    "has_inter_container_encryption": "inter-container encryption",
    "has_network_isolation": "network isolation",
}


def name_changed_keys(cursor: duckdb.DuckDBPyConnection) -> None:
    """Set `key_changed` and its numbers on the first jobs of a pool; take back what is stale."""
    codes = ", ".join(
        f"dense_rank() over (order by {name} nulls first)::bigint as {name}" for name in FIELDS
    )
    cursor.execute(
        f"""
        create or replace temp table pool_codes as
        select
            pool_id,
            dense_rank() over (order by account_id, region)::bigint as place,
            {codes}
        from pools
        where role_arn is not null
        """
    )
    firsts = arrays(
        cursor,
        """
        select job_id, epoch_us(request_at) as request_us, pool_codes.* exclude (pool_id)
        from job_facts inner join pool_codes using (pool_id)
        where miss_reason in ('first_of_key', 'key_changed')
        order by request_us, job_id
        """,
    )
    if not len(firsts["job_id"]):
        cursor.execute("drop table pool_codes")
        return
    free = arrays(
        cursor,
        """
        select
            donor.job_id,
            epoch_us(donor.release_at) as release_us,
            least(
                epoch_us(donor.release_at) + donor.keep_alive_period_s * 1000000,
                coalesce(
                    epoch_us(donor.release_at) + round(donor.retained_s * 1000000)::bigint,
                    9223372036854775807
                ),
                coalesce(epoch_us(reuser.request_at), 9223372036854775807)
            ) as gone_us,
            pool_codes.* exclude (pool_id)
        from job_facts as donor
        inner join pool_codes using (pool_id)
        left join (
            select donor_job_id, request_at from job_facts where donor_job_id is not null
        ) as reuser on donor.job_id = reuser.donor_job_id
        where donor.is_releasing
            and donor.keep_alive_period_s > 0
            and coalesce(donor.retained_s, 1) > 0
            and not donor.has_quota_message
        order by release_us, donor.job_id
        """,
    )
    near = _nearest_free(
        np.ascontiguousarray(firsts["request_us"]),
        _field_codes(firsts),
        np.ascontiguousarray(free["release_us"]),
        np.ascontiguousarray(free["gone_us"]),
        _field_codes(free),
    )
    found = near != NO_JOB
    cursor.register(
        "near",
        pa.table(
            {
                "job_id": firsts["job_id"],
                "near_job_id": pa.array(
                    free["job_id"][near] if len(free["job_id"]) else near, mask=~found
                ),
            }
        ),
    )
    cursor.execute(
        f"""
        create or replace temp table named as
        select
            near.job_id,
            donor.job_name,
            (epoch_us(first.request_at) - epoch_us(donor.release_at)) / 1e6 as gap_s,
            concat_ws(', ', {", ".join(_difference(name) for name in FIELDS)}) as differing_fields
        from near
        inner join job_facts as first on near.job_id = first.job_id
        left join job_facts as donor on near.near_job_id = donor.job_id
        left join pools as mine on first.pool_id = mine.pool_id
        left join pools as other on donor.pool_id = other.pool_id
        """
    )
    cursor.unregister("near")
    cursor.execute(
        """
        update job_facts set
            miss_reason = case when named.job_name is null then 'first_of_key'
                else 'key_changed' end,
            missed_donor_job_name = named.job_name,
            gap_s = named.gap_s,
            differing_fields = case when named.job_name is not null
                then named.differing_fields end
        from named
        where job_facts.job_id = named.job_id
            and (job_facts.missed_donor_job_name, job_facts.gap_s, job_facts.differing_fields)
                is distinct from (named.job_name, named.gap_s, named.differing_fields)
        """
    )
    cursor.execute("drop table named")
    cursor.execute("drop table pool_codes")


def _field_codes(columns: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Stack the place and the nine fields as one row a job."""
    return np.ascontiguousarray(
        np.column_stack([columns["place"], *(columns[name] for name in FIELDS)]).astype(np.int64)
    )


def _difference(name: str) -> str:
    """Return SQL that tells how one field differs, such as `volume 50 GB, was 30 GB`."""
    words = {
        "volume_size_gib": ("printf('%g GB', {})",),
        "role_arn": ("split_part({}, '/', -1)",),
        "has_inter_container_encryption": ("case when {} then 'on' else 'off' end",),
        "has_network_isolation": ("case when {} then 'on' else 'off' end",),
    }.get(name, ("{}::varchar",))[0]
    mine, other = (
        f"coalesce({words.format(f'{side}.{name}')}, 'none')" for side in ("mine", "other")
    )
    return (
        f"case when mine.{name} is distinct from other.{name}"
        f" then '{FIELDS[name]} ' || {mine} || ', was ' || {other} end"
    )


@njit(cache=True)
def _nearest_free(
    request_us: Int64s,
    wanted: NDArray[np.int64],
    release_us: Int64s,
    gone_us: Int64s,
    offered: NDArray[np.int64],
) -> Int64s:
    """Return, per request, the free cluster whose key differs least (then the newest), or NO_JOB.

    Requests and releases are sorted by time. Column 0 of the codes is account and region: it must
    be equal.
    """
    nearest = np.full(len(request_us), NO_JOB)
    alive = np.empty(len(release_us), np.int64)
    alive_count = 0
    next_release = 0
    for i in range(len(request_us)):
        while next_release < len(release_us) and release_us[next_release] <= request_us[i]:
            alive[alive_count] = next_release
            alive_count += 1
            next_release += 1
        fewest = MOST_DIFFERING_FIELDS + 1
        kept_count = 0
        for position in range(alive_count):
            cluster = alive[position]
            if gone_us[cluster] <= request_us[i]:
                continue
            alive[kept_count] = cluster
            kept_count += 1
            if offered[cluster, 0] != wanted[i, 0]:
                continue
            differing = 0
            for field in range(1, wanted.shape[1]):
                if offered[cluster, field] != wanted[i, field]:
                    differing += 1
            if 0 < differing <= fewest and differing <= MOST_DIFFERING_FIELDS:
                fewest = differing
                nearest[i] = cluster
        alive_count = kept_count
    return nearest
