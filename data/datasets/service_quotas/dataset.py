"""The dataset of service quotas: answers of list-service-quotas and get-service-quota."""

from data.datasets.answers import TEXT, Answer
from data.datasets.observation import observation

LIST_SERVICE_QUOTAS = Answer(
    what="a quota of Service Quotas",
    command="aws service-quotas list-service-quotas --service-code sagemaker",
    wrappers=("Quotas",),
    record_kind=lambda document: "quota" if document.keys() >= {"QuotaName", "QuotaCode"} else None,
    record={
        "ServiceCode": TEXT,
        "QuotaArn": TEXT,
        "QuotaCode": TEXT,
        "QuotaName": TEXT,
        "Value": TEXT,
        "Unit": TEXT,
        "Adjustable": TEXT,
    },
    package="data.datasets.service_quotas",
    sql="aws_json.sql",
)

DATASET = observation(
    "service_quotas",
    "service quotas",
    LIST_SERVICE_QUOTAS,
    table="service_quota_records",
    required=("quota_code", "quota_name"),
    own_keys=("quotas", "quotaname", "quotacode"),
    is_of_queues=False,
)
