"""Service jobs: the jobs that AWS Batch queues and hands to SageMaker."""
