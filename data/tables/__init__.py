"""Every table and column, declared once: schema, comments, headings and help come from here."""


def description(name: str) -> str:
    """Return what a column holds."""
    return name
