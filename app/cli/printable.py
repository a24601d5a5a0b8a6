"""Text from data, made fit for one line of a terminal."""


def printable(text: str) -> str:
    """Return a text on one line, with nothing in it that steers a terminal.

    >>> printable("a\\nb"), printable("evil\\x1b[2J")
    ('a b', 'evil�[2J')
    """
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else "�" for c in line)
