"""`stoker completion`: the script by which a shell completes commands, options and questions."""

import click
from click.shell_completion import get_completion_class

from app.cli.invocation import DONE, Invocation
from app.cli.options import command
from data.store.home import Home

VARIABLE = "_STOKER_COMPLETE"
EXAMPLES = """\
Examples:
  eval "$(stoker completion bash)"                              in ~/.bashrc
  eval "$(stoker completion zsh)"                               in ~/.zshrc
  stoker completion fish > ~/.config/fish/completions/stoker.fish
"""


@command("completion", "Print the script that lets your shell complete commands.", EXAMPLES)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")), help="Your shell.")
def completion(invocation: Invocation, home: Home, *, shell: str) -> int:
    """Prints a script that lets your shell complete commands, options and names of questions."""
    script = get_completion_class(shell)
    assert script is not None
    invocation.out.write(script(click.Command("stoker"), {}, "stoker", VARIABLE).source() + "\n")
    return DONE
