"""AWS Batch: queues, environments, policies, quota shares, service jobs, queue snapshots."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.aws_server.errors import AwsError, not_found
from tests.aws_server.history import AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.paging import page
from tests.aws_server.queued import INSTANCE_TYPE, Queue, ServiceJob
from tests.aws_server.training import Document

LARGEST_PAGE = 100
WITH_STATUS = ("SHARE_IDENTIFIER", "QUOTA_SHARE_NAME")


class Batch:
    """Answers for one account and region."""

    def __init__(self, history: AwsHistory, knobs: Knobs) -> None:
        self.history, self.knobs = history, knobs
        self._arn = f"arn:aws:batch:{history.region}:{history.account}"

    def describe_job_queues(self, request: Document, now: float) -> Document:
        """Return the queues, and one that is not for training."""
        queues = [
            {
                "jobQueueName": queue.name,
                "jobQueueArn": f"{self._arn}:job-queue/{queue.name}",
                "state": "ENABLED",
                "status": "VALID",
                "priority": queue.priority,
                "computeEnvironmentOrder": [],
                "serviceEnvironmentOrder": [
                    {
                        "order": 1,
                        "serviceEnvironment": f"{self._arn}:service-environment/{queue.name}-env",
                    }
                ],
                "schedulingPolicyArn": self._policy(queue),
                "jobQueueType": "SAGEMAKER_TRAINING",
                "tags": {},
            }
            for queue in self.history.queues
        ]
        queues.append(
            {
                "jobQueueName": "containers",
                "jobQueueArn": f"{self._arn}:job-queue/containers",
                "state": "ENABLED",
                "status": "VALID",
                "priority": 1,
                "computeEnvironmentOrder": [
                    {"order": 1, "computeEnvironment": f"{self._arn}:compute-environment/ecs"}
                ],
                "jobQueueType": "ECS",
            }
        )
        return self._page("jobQueues", queues, request, lambda queue: queue["jobQueueName"])

    def describe_service_environments(self, request: Document, now: float) -> Document:
        """Return the environments with their capacity."""
        environments = [
            {
                "serviceEnvironmentName": f"{queue.name}-env",
                "serviceEnvironmentArn": f"{self._arn}:service-environment/{queue.name}-env",
                "serviceEnvironmentType": "SAGEMAKER_TRAINING",
                "state": "ENABLED",
                "status": "VALID",
                "capacityLimits": [
                    {
                        "maxCapacity": queue.capacity,
                        "capacityUnit": INSTANCE_TYPE if queue.is_quota else "NUM_INSTANCES",
                    }
                ],
                "tags": {},
            }
            for queue in self.history.queues
        ]
        return self._page(
            "serviceEnvironments",
            environments,
            request,
            lambda environment: environment["serviceEnvironmentName"],
        )

    def list_scheduling_policies(self, request: Document, now: float) -> Document:
        """Return the ARNs of the policies."""
        policies = [{"arn": self._policy(queue)} for queue in self.history.queues]
        return self._page("schedulingPolicies", policies, request, lambda policy: policy["arn"])

    def describe_scheduling_policies(self, request: Document, now: float) -> Document:
        """Return the policies whose ARNs are given."""
        policies = []
        for queue in self.history.queues:
            if self._policy(queue) not in request["arns"]:
                continue
            policy: Document = {
                "name": f"{queue.name}-policy",
                "arn": self._policy(queue),
                "tags": {},
            }
            if queue.is_quota:
                policy["quotaSharePolicy"] = {"idleResourceAssignmentStrategy": "FIFO"}
            else:
                policy["fairsharePolicy"] = {
                    "shareDecaySeconds": 3600,
                    "computeReservation": 0,
                    "shareDistribution": [
                        {"shareIdentifier": share, "weightFactor": float(1 + 2 * place)}
                        for place, share in enumerate(queue.shares)
                    ],
                }
            policies.append(policy)
        return {"schedulingPolicies": policies}

    def list_quota_shares(self, request: Document, now: float) -> Document:
        """Return the quota shares of a queue."""
        queue = self._queue(request["jobQueue"])
        shares = self._shares(queue) if queue.is_quota else []
        return self._page("quotaShares", shares, request, lambda share: share["quotaShareName"])

    def describe_quota_share(self, request: Document, now: float) -> Document:
        """Return one quota share."""
        for queue in self.history.queues:
            for share in self._shares(queue) if queue.is_quota else []:
                if share["quotaShareArn"] == request["quotaShareArn"]:
                    return {**share, "tags": {}}
        raise not_found("batch:DescribeQuotaShare", request["quotaShareArn"])

    def list_service_jobs(self, request: Document, now: float) -> Document:
        """Return a page of service jobs, newest first."""
        jobs = self.history.submitted_jobs(now)[::-1]
        if "jobQueue" in request:
            queue = self._queue(request["jobQueue"])
            jobs = [job for job in jobs if job.queue is queue]
        filters = request.get("filters", [])
        if len(filters) > 1:
            raise AwsError("ClientException", "Only one filter is allowed")
        status = request.get("jobStatus", "RUNNING")
        name, values = (filters[0]["name"], filters[0]["values"]) if filters else ("", [])
        if not filters or name in WITH_STATUS:
            jobs = [job for job in jobs if job.status(now) == status]
        if filters:
            jobs = [job for job in jobs if _fits(job, name, values[0])]
        return self._page(
            "jobSummaryList",
            jobs,
            request,
            lambda job: [job.created, job.job_id],
            lambda job: job.summary(now),
        )

    def describe_service_job(self, request: Document, now: float) -> Document:
        """Return one service job with all its attempts."""
        job_id = request["jobId"]
        job = self.history.service_job(job_id.rsplit("/", 1)[-1], now)
        if job is None or job.job_id in self.knobs.deleted:
            raise not_found("batch:DescribeServiceJob", job_id)
        return job.described(now)

    def get_job_queue_snapshot(self, request: Document, now: float) -> Document:
        """Return what waits at the front of a queue and what is used, this minute."""
        queue = self._queue(request["jobQueue"])
        at = int(now * 1000)
        waiting: list[ServiceJob] = []
        used: Counter[str] = Counter()
        for job in self.history.submitted_jobs(now):
            if job.queue is not queue or now >= job.settled:
                continue
            status = job.status(now)
            if status == "RUNNABLE":
                waiting.append(job)
            elif status != "SUBMITTED":
                used[job.share] += job.count
        places = [{"jobArn": job.arn, "earliestTimeAtPosition": at} for job in waiting[:100]]
        shares = [
            {
                ("quotaShareName" if queue.is_quota else "shareIdentifier"): share,
                "capacityUsage": [{"capacityUnit": INSTANCE_TYPE, "quantity": float(count)}],
            }
            for share, count in sorted(used.items())
        ]
        utilization: Document = {
            "totalCapacityUsage": [
                {"capacityUnit": INSTANCE_TYPE, "quantity": float(sum(used.values()))}
            ],
            "lastUpdatedAt": at,
        }
        answer: Document = {"queueUtilization": utilization}
        if queue.is_quota:
            utilization["quotaShareUtilization"] = {"topCapacityUtilization": shares}
            answer["frontOfQuotaShares"] = {
                "quotaShares": {
                    share: [
                        {"jobArn": job.arn, "earliestTimeAtPosition": at}
                        for job in waiting
                        if job.share == share
                    ][:100]
                    for share in queue.shares
                },
                "lastUpdatedAt": at,
            }
        else:
            utilization["fairshareUtilization"] = {
                "activeShareCount": len(shares),
                "topCapacityUtilization": shares,
            }
        answer["frontOfQueue"] = {"jobs": places, "lastUpdatedAt": at}
        return answer

    def _shares(self, queue: Queue) -> list[Document]:
        return [
            {
                "quotaShareName": share,
                "quotaShareArn": f"{self._arn}:job-queue/{queue.name}/quota-share/{share}",
                "jobQueueArn": f"{self._arn}:job-queue/{queue.name}",
                "capacityLimits": [
                    {
                        "maxCapacity": queue.capacity // len(queue.shares),
                        "capacityUnit": INSTANCE_TYPE,
                    }
                ],
                "resourceSharingConfiguration": {"strategy": "LEND_AND_BORROW", "borrowLimit": -1},
                "preemptionConfiguration": {"inSharePreemption": "ENABLED"},
                "state": "ENABLED",
                "status": "VALID",
            }
            for share in queue.shares
        ]

    def _policy(self, queue: Queue) -> str:
        return f"{self._arn}:scheduling-policy/{queue.name}-policy"

    def _queue(self, name: str) -> Queue:
        for queue in self.history.queues:
            if queue.name == name.rsplit("/", 1)[-1]:
                return queue
        raise not_found("batch", name)

    def _page(
        self,
        field: str,
        records: Sequence[Any],
        request: Document,
        key: Callable[[Any], Any],
        answer: Callable[[Any], Any] = lambda record: record,
    ) -> Document:
        size = request.get("maxResults", LARGEST_PAGE)
        if not 1 <= size <= LARGEST_PAGE:
            raise AwsError("ClientException", f"maxResults {size} is not within 1 and 100")
        asked = {name: value for name, value in request.items() if name != "nextToken"}
        found, token = page(
            records,
            key=key,
            token=request.get("nextToken"),
            size=size,
            request=asked,
            knobs=self.knobs,
        )
        whole: Document = {field: [answer(record) for record in found]}
        if token is not None:
            whole["nextToken"] = token
        return whole


def _fits(job: ServiceJob, name: str, value: str) -> bool:
    if name == "AFTER_CREATED_AT":
        return job.created * 1000 >= float(value)
    if name == "BEFORE_CREATED_AT":
        return job.created * 1000 <= float(value)
    if name == "JOB_NAME":
        wanted = value.lower()
        if wanted.endswith("*"):
            return job.name.lower().startswith(wanted[:-1])
        return job.name.lower() == wanted
    if name in WITH_STATUS:
        is_quota = name == "QUOTA_SHARE_NAME"
        return job.queue.is_quota == is_quota and job.share == value
    raise AwsError("ClientException", f"{name} is not a filter")
