"""Metric samples: CloudWatch answers, and exports of any monitoring."""
