"""What can be read from AWS: one entry a source, in the order in which they are read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from data.aws import batch, sagemaker
from data.aws.pages import Page, Step
from data.aws.scope import Scope
from data.errors import WrongUseError


@dataclass(frozen=True, slots=True)
class Source:
    """Something that is read of each account and region."""

    name: str
    """As `--only` names it."""
    label: str
    plan: Callable[[Scope], tuple[Step, ...]]
    fetch: Callable[[Scope], Iterator[Page]]
    is_of_merged: bool = False
    """Whether it reads what the others have merged, and so comes after them."""
    is_once: bool = False
    """Whether it is read once for all accounts and regions."""


SOURCES = (
    Source("batch", "AWS Batch", batch.plan, batch.fetch),
    Source("jobs", "Training jobs", sagemaker.plan, sagemaker.fetch),
)


def chosen_sources(names: tuple[str, ...]) -> tuple[Source, ...]:
    """Return the sources of these names; all without any.

    Raises:
        WrongUseError: there is no such source.
    """
    known = {source.name: source for source in SOURCES}
    for name in names:
        if name not in known:
            raise WrongUseError(
                f"There is no source called '{name}'.",
                next_action=f"Use one of: {', '.join(known)}.",
            )
    return tuple(source for source in SOURCES if not names or source.name in names)
