"""Text from data, such that nothing in it steers a terminal."""


def printable(text: str) -> str:
    """Return a text on one line, with nothing in it that steers a terminal.

    >>> printable("a\\nb"), printable("evil\\x1b[2J")
    ('a b', 'evil�[2J')
    """
    return printable_lines(" ".join(text.split()))


def printable_lines(text: str) -> str:
    """Return a text of one or more lines, with nothing in it that steers a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text.expandtabs(1))
