"""Which metrics of which job were read from CloudWatch, and until when."""
