"""What a first guess knows of job logs: starts from waits, ends from run times, GPUs in texts."""

from dataclasses import replace

from data.files.guess import Guess, looks_like_ms, may_be
from data.files.mapping import Rule
from data.files.values import ValueKind

DURATIONS = ("run", "runtime", "duration", "durations", "elapsed", "elapseds", "elapsedraw")
WAITS = ("wait", "waittime", "waits", "queuewait", "queuetime")
GPUS_IN_TEXT = r"gres/gpu(?::\w+)?=(\d+)"


def guess_spans(guess: Guess) -> None:
    """Add what can be worked out from other columns."""
    _add_times(guess)
    _add_accelerators(guess)


def _add_times(guess: Guess) -> None:
    """Work out the start from a wait, and the end from a run time, where they are missing."""
    if "created_at" not in guess.rules and "training_started_at" in guess.rules:
        guess.rules["created_at"] = guess.rules["training_started_at"]
        guess.warn(
            "created_at",
            "No column says when jobs were created; their start stands for it, so wait time"
            " and startup latency are unknown.",
        )
    created, started = (guess.rules.get(name) for name in ("created_at", "training_started_at"))
    if created and started and created.null_values and created.unit == started.unit:
        guess.rules["created_at"] = replace(created, fallback=started.columns)
        guess.warn(
            "created_at",
            f"Where {created.columns[0]} is unknown, {started.columns[0]} stands for it.",
        )
    _add_span(guess, "training_started_at", "created_at", WAITS)
    _add_span(guess, "training_ended_at", "training_started_at", DURATIONS)


def _add_span(guess: Guess, canonical: str, base: str, spellings: tuple[str, ...]) -> None:
    if canonical in guess.rules or base not in guess.rules:
        return
    for spelling in spellings:
        column = guess.by_name.get(spelling)
        if column is None or not may_be(ValueKind.DURATION, column):
            continue
        before = guess.rules[base]
        unknown = (-1,) if column["low"] < 0 and -1 not in before.null_values else ()
        is_ms = looks_like_ms(column)
        guess.rules[canonical] = replace(
            before,
            plus_s=(*before.plus_s, column["name"]),
            null_values=(*unknown, *before.null_values),
            scale=0.001 if is_ms else before.scale,
        )
        guess.taken.add(column["name"])
        unit = "milliseconds" if is_ms else "seconds"
        guess.warn(
            canonical,
            f"{canonical} is taken to be {before.columns[0]} plus {column['name']}, in {unit}.",
        )
        return


def _add_accelerators(guess: Guess) -> None:
    """Find a count of accelerators inside a text such as sacct's AllocTRES."""
    for spelling in ("alloctres", "tres", "reqtres", "allocgres"):
        column = guess.by_name.get(spelling)
        if "accelerator_count" not in guess.rules and column is not None:
            guess.rules["accelerator_count"] = Rule(
                (column["name"],), pattern=GPUS_IN_TEXT, default="0"
            )
