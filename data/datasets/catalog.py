"""The datasets there are: every package below `data.datasets` that declares one."""

import pkgutil
from functools import cache
from importlib import import_module

import data.datasets
from data.datasets.dataset import Dataset, Head
from data.errors import WrongUseError
from data.tables import register, tables

# what a file is taken to hold that nothing tells apart
LIKELIEST = "jobs"


def datasets() -> dict[str, Dataset]:
    """Return every dataset by its kind.

    Folders that were added to the search path of `data.datasets` are looked into as well.
    """
    return _datasets(tuple(data.datasets.__path__))


@cache
def _datasets(folders: tuple[str, ...]) -> dict[str, Dataset]:
    found: dict[str, Dataset] = {}
    for module in sorted(pkgutil.iter_modules(folders), key=lambda module: module.name):
        if not module.ispkg:
            continue
        dataset: Dataset = import_module(f"data.datasets.{module.name}.dataset").DATASET
        if dataset.kind in found:
            message = f"two datasets are of the kind {dataset.kind!r}"
            raise ValueError(message)
        found[dataset.kind] = dataset
        for table in dataset.tables:
            if table.name not in tables():
                register(table)
    return found


def dataset_named(kind: str) -> Dataset:
    """Return the dataset of a kind.

    Raises:
        WrongUseError: there is none.
    """
    found = datasets()
    if kind not in found:
        raise WrongUseError(
            f"There is no kind of record called '{kind}'.",
            next_action=f"Use one of: {', '.join(found)}.",
        )
    return found[kind]


def recognised(head: Head) -> Dataset:
    """Return the dataset that a file holds records of: of several, the one that asks for most."""
    fitting = [dataset for dataset in datasets().values() if dataset.recognises(head)]
    if not fitting:
        return dataset_named(LIKELIEST)
    return max(fitting, key=lambda dataset: len(dataset.target.required))
