"""What AWS billed for training, beside what Stoker computes."""
