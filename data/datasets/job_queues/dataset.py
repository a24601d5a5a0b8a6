"""The dataset of job queues: answers of describe-job-queues."""

from data.datasets.answers import TEXT, Answer
from data.datasets.observation import observation

DESCRIBE_JOB_QUEUES = Answer(
    what="a job queue of AWS Batch",
    command="aws batch describe-job-queues",
    wrappers=("jobQueues",),
    record_kind=lambda document: (
        "describe" if document.keys() & {"jobQueueName", "jobQueueArn"} else None
    ),
    record={
        "jobQueueName": TEXT,
        "jobQueueArn": TEXT,
        "state": TEXT,
        "status": TEXT,
        "priority": TEXT,
        "schedulingPolicyArn": TEXT,
        "serviceEnvironmentOrder": [{"order": TEXT, "serviceEnvironment": TEXT}],
    },
    package="data.datasets.job_queues",
    sql="aws_json.sql",
)

DATASET = observation(
    "job_queues",
    "job queues",
    DESCRIBE_JOB_QUEUES,
    table="job_queue_records",
    required=("queue_name",),
    own_keys=("jobqueues", "jobqueuename"),
)
