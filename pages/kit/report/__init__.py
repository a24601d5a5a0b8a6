"""The report: the main pictures of the pages, the advice, the definitions and the coverage."""
