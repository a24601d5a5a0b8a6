"""The fields that are read from a training job record, in AWS's spelling and nesting."""

from typing import Any

TEXT = "varchar"
JSON = "json"

RECORD: dict[str, Any] = {
    "TrainingJobName": TEXT,
    "TrainingJobArn": TEXT,
    "TuningJobArn": TEXT,
    "AutoMLJobArn": TEXT,
    "TrainingJobStatus": TEXT,
    "SecondaryStatus": TEXT,
    "FailureReason": TEXT,
    "CreationTime": TEXT,
    "TrainingStartTime": TEXT,
    "TrainingEndTime": TEXT,
    "LastModifiedTime": TEXT,
    "TrainingTimeInSeconds": TEXT,
    "BillableTimeInSeconds": TEXT,
    "RoleArn": TEXT,
    "AlgorithmSpecification": {
        "TrainingImage": TEXT,
        "AlgorithmName": TEXT,
        "TrainingInputMode": TEXT,
    },
    "ResourceConfig": {
        "InstanceType": TEXT,
        "InstanceCount": TEXT,
        "VolumeSizeInGB": TEXT,
        "VolumeKmsKeyId": TEXT,
        "KeepAlivePeriodInSeconds": TEXT,
        "TrainingPlanArn": TEXT,
        "SelectedInstanceType": TEXT,
        "SelectedInstanceCount": TEXT,
        "InstanceGroups": [
            {"InstanceGroupName": TEXT, "InstanceType": TEXT, "InstanceCount": TEXT}
        ],
    },
    "TrainingPlanArn": TEXT,
    "InputDataConfig": [
        {
            "ChannelName": TEXT,
            "InputMode": TEXT,
            "DataSource": {
                "S3DataSource": {"S3Uri": TEXT},
                "FileSystemDataSource": {"FileSystemId": TEXT, "FileSystemType": TEXT},
            },
        }
    ],
    "VpcConfig": {"SecurityGroupIds": [TEXT], "Subnets": [TEXT]},
    "EnableNetworkIsolation": TEXT,
    "EnableInterContainerTrafficEncryption": TEXT,
    "EnableManagedSpotTraining": TEXT,
    "StoppingCondition": {"MaxRuntimeInSeconds": TEXT},
    "ServerlessJobConfig": JSON,
    "WarmPoolStatus": {
        "Status": TEXT,
        "ResourceRetainedBillableTimeInSeconds": TEXT,
        "ReusedByJob": TEXT,
        "ReusedByName": TEXT,
    },
    "SecondaryStatusTransitions": [
        {"Status": TEXT, "StartTime": TEXT, "EndTime": TEXT, "StatusMessage": TEXT}
    ],
    "FinalMetricDataList": [{"MetricName": TEXT, "Value": TEXT, "Timestamp": TEXT}],
    "Tags": JSON,
    "CreatedBy": {"UserProfileName": TEXT},
}

# what an event says around its record
ENVELOPE: dict[str, Any] = {"account": TEXT, "region": TEXT, "time": TEXT, "resources": [TEXT]}

# ReusedByName: the developer guide's own sample. TrainingPlanArn: at the top of list summaries.
# CreatedBy: seen in Search answers.
NOT_IN_DESCRIBE = frozenset({"WarmPoolStatus.ReusedByName", "TrainingPlanArn", "Tags", "CreatedBy"})


def sql_type(spec: Any) -> str:
    """Return the DuckDB type of a field.

    >>> sql_type({"Subnets": ["varchar"]})
    'struct("Subnets" varchar[])'
    """
    if isinstance(spec, dict):
        return "struct(" + ", ".join(f'"{key}" {sql_type(spec[key])}' for key in spec) + ")"
    if isinstance(spec, list):
        return f"{sql_type(spec[0])}[]"
    return str(spec)


def misfit(value: Any, spec: Any = RECORD, path: str = "") -> str | None:
    """Return the path of the first object or list that is none, or None where all fit.

    >>> misfit({"VpcConfig": {"Subnets": "subnet-1"}})
    'VpcConfig.Subnets'
    """
    if value is None or isinstance(spec, str):
        return None
    if isinstance(spec, list):
        if not isinstance(value, list):
            return path
        return next((found for item in value if (found := misfit(item, spec[0], path))), None)
    if not isinstance(value, dict):
        return path
    below = (misfit(value.get(key), spec[key], f"{path}.{key}".lstrip(".")) for key in spec)
    return next((found for found in below if found), None)
