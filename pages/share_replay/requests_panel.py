"""The settings as requests to AWS Batch, to copy; Stoker sends none."""

from collections.abc import Sequence

from analytics.share_replay.aws_requests import notes
from analytics.share_replay.scenario import Scenario
from analytics.share_replay.scenario_files import format_scenario
from analytics.share_replay.snippets import snippets
from pages.kit import formats
from pages.kit.canvas import Canvas
from pages.share_replay.charts import letter

CALLS = {
    "create_scheduling_policy": "CreateSchedulingPolicy",
    "update_quota_share": "UpdateQuotaShare",
    "update_service_job": "UpdateServiceJob",
}


def draw_requests(canvas: Canvas, scenarios: Sequence[Scenario]) -> None:
    """Draw the requests of one of the scenarios."""
    canvas.header("Settings to copy")
    options = {str(n): f"{letter(n)}: {one.name}" for n, one in enumerate(scenarios)}
    usual = str(min(1, len(scenarios) - 1))
    position = canvas.select("Settings", options, key="copy_of", default=usual, width=320)
    scenario = scenarios[int(position)]
    requests = snippets(scenario)
    if not requests:
        canvas.text(
            "FIFO takes a job queue without a scheduling policy. AWS Batch cannot take a policy"
            " away from a queue: it takes a new queue."
        )
    else:
        canvas.note(
            "For the AWS CLI's --cli-input-json. Stoker does not send them. AWS Batch does not"
            " turn a fair-share policy into a quota policy, or back: that takes a new policy and a"
            " new queue. A quota counts one instance type: put in yours."
        )
    for said in notes(scenario):
        canvas.notice(formats.plain(said), icon=":material/info:")
    for name, text in requests.items():
        what, _, share = name.partition(" ")
        title = f"{CALLS[what]}: {share}" if share else CALLS[what]
        canvas.expander(title, icon=":material/data_object:").code(text, "json")
    canvas.expander("Scenario file", icon=":material/description:").code(
        format_scenario(scenario), "toml"
    )
