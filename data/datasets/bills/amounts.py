"""What a line of a bill charges, and its amounts, where no one column of the report says it."""

from data.files.target import Given

# FOCUS's words, in lower case, for the line types of cost and usage reports
_CATEGORIES = {
    "Usage": (
        "usage",
        "discountedusage",
        "savingsplancoveredusage",
        "savingsplannegation",
        # what reduces the cost of usage belongs to it
        "discount",
        "edpdiscount",
        "privateratediscount",
        "bundleddiscount",
        "sppdiscount",
    ),
    "Purchase": ("fee", "rifee", "savingsplanupfrontfee", "savingsplanrecurringfee", "purchase"),
    "Tax": ("tax",),
    "Credit": ("credit", "refund"),
}
# lines beside the one that says how much was used
_REDUCTIONS = _CATEGORIES["Usage"][3:]


def charge_category(given: Given) -> str:
    """Return SQL for what a line charges, in FOCUS's words; what has none is an adjustment."""
    line_type = f"lower({given.sql('line_type')})"
    cases = " ".join(
        f"when {line_type} in ({_texts(words)}) then '{category}'"
        for category, words in _CATEGORIES.items()
    )
    return f"case {cases} else 'Adjustment' end"


def effective_cost(given: Given) -> str:
    """Return SQL for the cost with commitments spread over what they cover.

    FOCUS has it in a column; in cost and usage reports the column depends on the line type.
    """
    billed = given.sql("billed_cost_usd")
    if "effective_cost_usd" in given.names:
        return given.sql("effective_cost_usd")
    return f"""case lower({given.sql("line_type")})
        when 'savingsplancoveredusage' then {given.sql("savings_plan_cost")}
        when 'savingsplannegation' then 0
        when 'savingsplanupfrontfee' then 0
        when 'discountedusage' then {given.sql("reservation_cost")}
        else {billed} end"""


def on_demand_cost(given: Given) -> str:
    """Return SQL for the cost at public prices: what only reduces a cost has none of its own."""
    return f"""case when lower({given.sql("line_type")}) in ({_texts(_REDUCTIONS)}) then 0
        else {given.sql("on_demand_cost_usd")} end"""


def _texts(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
