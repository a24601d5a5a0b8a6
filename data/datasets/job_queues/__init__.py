"""Job queues: their state, priority, policy and environments, as observed."""
