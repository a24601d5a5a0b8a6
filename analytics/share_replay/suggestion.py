"""The settings to look at first beside those in force: the obvious alternative, not advice."""

from dataclasses import replace

from analytics.share_replay.candidates import demand_ratios, whole_quotas
from analytics.share_replay.requests import Requests
from analytics.share_replay.scenario import CapacityStep, Scenario, Share

MORE_CAPACITY_RATIO = 1.25


def first_alternative(requests: Requests, base: Scenario) -> Scenario:
    """Return one lending queue where there are several shares, else a quarter more capacity.

    Of a queue that lends already, equal weights without quotas.
    """
    names = requests.share_names
    if len(names) < 2:
        return replace(
            base,
            capacity=tuple(
                CapacityStep(step.since, round(step.capacity * MORE_CAPACITY_RATIO))
                for step in base.capacity
            ),
            name="A quarter more capacity",
        )
    plain = replace(base, scope="queue", backfill="none", share_capacities=())
    if base.policy == "quota" and all(share.strategy != "RESERVE" for share in base.shares):
        return replace(plain, policy="fair_share", shares=tuple(map(Share, names)),
                       name="Fair share, equal weights")  # fmt: skip
    own = [base.share(name).quota for name in names]
    if base.policy == "quota" and all(quota is not None for quota in own):
        shares = tuple(
            replace(base.share(name), strategy="LEND_AND_BORROW", borrow_limit_pct=-1.0)
            for name in names
        )
    else:
        quotas = whole_quotas(demand_ratios(requests), base.capacity[-1].capacity)
        shares = tuple(
            Share(name, quota=float(quota)) for name, quota in zip(names, quotas, strict=True)
        )
    return replace(plain, policy="quota", shares=shares, name="One lending queue")
