"""How AWS names the deliveries of a bill, and the files in them."""

# assemblies of cost and usage reports by a UUID, executions of data exports by a time
DELIVERY = (
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    "|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}[^/]*|[0-9]{8}T[0-9]{6}Z"
)
# the files of one delivery are numbered
PART = "-([0-9]{5})[.][^/]*$"
