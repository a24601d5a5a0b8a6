"""Service Quotas: how many instances of a type may train, and how many may be kept warm."""

from tests.aws_server.errors import not_found
from tests.aws_server.history import AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.paging import page
from tests.aws_server.prices import INSTANCE_TYPES
from tests.aws_server.training import Document

# name -> value of each type's first quota; the others follow
KINDS = {
    "for training job usage": 20.0,
    "for training warm pool usage": 4.0,
    "for spot training job usage": 10.0,
    "for endpoint usage": 2.0,
}
OTHERS = 120


class ServiceQuotas:
    """Answers for one account and region."""

    def __init__(self, history: AwsHistory, knobs: Knobs) -> None:
        self.knobs = knobs
        names = {
            f"{instance_type} {kind}": value
            for instance_type in INSTANCE_TYPES
            for kind, value in KINDS.items()
        }
        names |= {f"Rate of Operation{number} requests": 10.0 for number in range(OTHERS)}
        self._quotas = [
            {
                "ServiceCode": "sagemaker",
                "ServiceName": "Amazon SageMaker",
                "QuotaArn": (
                    f"arn:aws:servicequotas:{history.region}:{history.account}"
                    f":sagemaker/L-{number:08X}"
                ),
                "QuotaCode": f"L-{number:08X}",
                "QuotaName": name,
                "Value": value,
                "Unit": "None",
                "Adjustable": True,
                "GlobalQuota": False,
                "QuotaAppliedAtLevel": "ACCOUNT",
            }
            for number, (name, value) in enumerate(sorted(names.items()))
        ]

    def list_service_quotas(self, request: Document, now: float) -> Document:
        """Return a page of quotas."""
        quotas = self._quotas if request["ServiceCode"] == "sagemaker" else []
        records, token = page(
            quotas,
            key=lambda quota: quota["QuotaCode"],
            token=request.get("NextToken"),
            size=min(request.get("MaxResults", 100), 100),
            request={name: value for name, value in request.items() if name != "NextToken"},
            knobs=self.knobs,
        )
        answer: Document = {"Quotas": records}
        return answer if token is None else {**answer, "NextToken": token}

    list_aws_default_service_quotas = list_service_quotas

    def get_service_quota(self, request: Document, now: float) -> Document:
        """Return one quota."""
        for quota in self._quotas:
            if quota["QuotaCode"] == request["QuotaCode"]:
                return {"Quota": quota}
        raise not_found("servicequotas:GetServiceQuota", request["QuotaCode"])
