"""The dataset of training plans: answers of list-training-plans and describe-training-plan."""

from data.datasets.answers import TEXT, Answer
from data.datasets.observation import observation

TRAINING_PLANS = Answer(
    what="a training plan",
    command="aws sagemaker list-training-plans",
    wrappers=("TrainingPlanSummaries",),
    record_kind=lambda document: (
        "plan" if document.keys() >= {"TrainingPlanArn", "TrainingPlanName"} else None
    ),
    record={
        "TrainingPlanArn": TEXT,
        "TrainingPlanName": TEXT,
        "Status": TEXT,
        "StartTime": TEXT,
        "EndTime": TEXT,
        "DurationHours": TEXT,
        "DurationMinutes": TEXT,
        "UpfrontFee": TEXT,
        "CurrencyCode": TEXT,
        "TotalInstanceCount": TEXT,
        "InUseInstanceCount": TEXT,
        "ReservedCapacitySummaries": [{"InstanceType": TEXT}],
    },
    package="data.datasets.training_plans",
    sql="aws_json.sql",
)

DATASET = observation(
    "training_plans",
    "training plans",
    TRAINING_PLANS,
    table="training_plan_records",
    required=("training_plan_arn", "training_plan_name"),
    own_keys=("trainingplansummaries", "trainingplanname"),
    is_of_queues=False,
)
