"""Text that a spreadsheet would run as a formula, made harmless."""

# OWASP "CSV Injection": a spreadsheet runs cells that begin with one of these
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """Return a text such that a spreadsheet shows it and does not run it; numbers stay.

    >>> harmless("=1+1"), harmless("-3.5"), harmless("job")
    ("'=1+1", '-3.5', 'job')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
