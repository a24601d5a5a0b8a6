"""The fields that are read from a training job record, in AWS's spelling and nesting."""

from typing import Any

from data.datasets.answers import JSON, TEXT

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
        "MetricDefinitions": [{"Name": TEXT}],
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
    "ProfilerConfig": {"DisableProfiler": TEXT, "S3OutputPath": TEXT},
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
