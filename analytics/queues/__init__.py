"""Queues as they were observed, and the service jobs that went through them."""
