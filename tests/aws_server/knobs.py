"""What may be wrong with the AWS that the tests play: each knob is off unless it is set."""

from dataclasses import dataclass, field


@dataclass
class Knobs:
    """How the server misbehaves; may be changed while it runs.

    Operations are named as IAM names them: `sagemaker:ListTrainingJobs`.
    """

    seed: int = 0
    # a share of the requests, drawn anew for each
    throttled_share: float = 0.0
    failed_share: float = 0.0
    # the next so many requests of an operation are throttled, however long one waits
    throttle_next: dict[str, int] = field(default_factory=dict)
    # requests per second that an operation bears; more are throttled ("*": every operation)
    limits: dict[str, float] = field(default_factory=dict)
    # seconds that an answer takes ("*": every operation)
    delays: dict[str, float] = field(default_factory=dict)
    # every n-th page of a list is empty but has a token
    empty_page_every: int = 0
    # a page begins with the last record of the page before
    duplicates: bool = False
    # tokens count records instead of naming one, so that pages move when the list grows
    moving_pages: bool = False
    # a page is never longer, whatever was asked for
    largest_page: int | None = None
    # credentials handed out by then expire after so many requests
    expires_after: int | None = None
    denied: set[str] = field(default_factory=set)
    # listed, but gone when they are described: names of training jobs, ids of service jobs
    deleted: set[str] = field(default_factory=set)
    # every n-th job has statuses that nobody knows yet
    unknown_status_every: int = 0
    # answers and their records have fields that botocore's model lacks
    new_fields: bool = False
    # the server's clock is so many seconds ahead of the history's
    clock_skew_s: float = 0.0
