"""What each command does, given the open store."""

import argparse
from collections.abc import Callable, Mapping

from analytics.asking import Filters, Question, ask
from app.call import DONE, Call, WrongUseError, tell_error
from app.demo_home import fill_demo
from app.output import write_answer
from app.progress import ProgressBar
from app.questions_list import question_named
from app.state import write_state
from app.taking_in import take_in, told
from data.errors import StokerError
from data.store import Store

Command = Callable[[Store, argparse.Namespace, Call], int]


def run(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Run a command and return its exit status; an error is told, not raised."""
    try:
        return COMMANDS[arguments.command](store, arguments, call)
    except StokerError as error:
        return tell_error(error, call.err)


def demo(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Fill the home with the demo history."""
    bar = ProgressBar(call, "demo history")
    try:
        result = fill_demo(store, bar)
    finally:
        bar.close()
    call.out.write(f"{told(result)}\n" if result else "The demo history is there already.\n")
    return DONE


def answer(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Answer a question."""
    question = question_named(arguments.name)
    filters = Filters(arguments.since, arguments.until, tuple(arguments.where))
    settings = dict(arguments.settings)
    _check(question, filters, settings)
    write_answer(
        ask(store, question, filters, **settings),
        call,
        given=arguments.format,
        out=arguments.out,
    )
    return DONE


def _check(question: Question, filters: Filters, settings: Mapping[str, str]) -> None:
    """Refuse what the command line got wrong before any work is done."""
    unknown = [name for name in settings if name not in question.parameters]
    if unknown:
        raise WrongUseError(
            f"'{question.name}' has no setting '{unknown[0]}'.",
            next_action=f"It has: {', '.join(question.parameters) or 'none'}.",
        )
    for name, value in settings.items():
        choices = question.parameters[name].choices
        if choices and value not in choices:
            raise WrongUseError(
                f"'{name}' cannot be '{value}'.", next_action=f"Use one of: {', '.join(choices)}."
            )
    try:
        filters.condition()
    except StokerError as error:
        raise WrongUseError(error.what, next_action=error.next_action) from error


COMMANDS: dict[str, Command] = {
    "ask": answer,
    "demo": demo,
    "ingest": take_in,
    "status": write_state,
}
