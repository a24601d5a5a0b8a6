"""The dataset of service environments: answers of describe-service-environments."""

from data.datasets.answers import TEXT, Answer
from data.datasets.observation import observation

DESCRIBE_SERVICE_ENVIRONMENTS = Answer(
    what="a service environment of AWS Batch",
    command="aws batch describe-service-environments",
    wrappers=("serviceEnvironments",),
    record_kind=lambda document: (
        "describe"
        if document.keys() & {"serviceEnvironmentName", "serviceEnvironmentArn"}
        else None
    ),
    record={
        "serviceEnvironmentName": TEXT,
        "serviceEnvironmentArn": TEXT,
        "state": TEXT,
        "status": TEXT,
        "capacityLimits": [{"maxCapacity": TEXT, "capacityUnit": TEXT}],
    },
    package="data.datasets.service_environments",
    sql="aws_json.sql",
)

DATASET = observation(
    "service_environments",
    "service environments",
    DESCRIBE_SERVICE_ENVIRONMENTS,
    table="service_environment_records",
    required=("environment_name",),
    own_keys=("serviceenvironments", "serviceenvironmentname"),
)
