"""Jobs: find jobs, read the story of one, or see what a user's jobs cost and waited for."""

from data.store.reader import Reader
from pages.jobs import search, story, user
from pages.kit import messages
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.filter_bar import draw_filters
from pages.kit.row_links import JOB, USER

PAGE = Page(
    title="Jobs",
    icon=":material/list_alt:",
    lead="Every training job: find one, and see what it waited for, whose cluster it reused or why"
    " it could not, and what it cost.",
    position=75,
)


def render(canvas: Canvas, reader: Reader) -> None:
    if not messages.has_jobs(canvas, reader):
        return
    if canvas.param(JOB):
        story.draw(canvas, reader)
        return
    name = canvas.param(USER)
    if name:
        user.draw_heading(canvas, name)
    jobs = draw_filters(canvas, reader)
    if name:
        jobs = user.of_user(jobs, name)
    if not messages.sample_line(canvas, reader, jobs):
        return
    if name:
        user.draw(canvas, reader, jobs)
    search.draw(canvas, reader, jobs)
