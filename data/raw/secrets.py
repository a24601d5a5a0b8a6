"""Which names and texts may hold secrets: hyperparameters, environments, command lines.

Names are compared without case and punctuation, and flattened ones by their parts, so that
`HyperParameters`, `hyper_parameters`, `HyperParameters.api_key` and `training_environment` are all
known for what they are. A text is told by what it mentions with a value beside it.
"""

import hashlib
import re
from functools import lru_cache

# what a text must hold, in lower case, to be worth a closer look
WORDS = (
    b"hyper",
    b"environment",
    b"env_var",
    b"envvar",
    b'"env"',
    b"env.",
    b"env/",
    b"sm_hp",
    b"sm_training_env",
    b"sm_user_args",
    b"entrypoint",
    b"entry_point",
    b"containerarg",
    b"container_arg",
    b"container-arg",
    b'"command"',
    b'"args"',
    b'"arguments"',
    b"payload",
    b"\\u",
)
LONGEST_WORD = max(map(len, WORDS))

# a Batch environment is a resource with a name, and a deployment's name is no set of variables
_ENVIRONMENT = r"(?<!service)(?<!compute)environment(?!(?:s|name|id|type|arn|order)$)"
_SECRET_PART = re.compile(
    rf"hyperparameter|{_ENVIRONMENT}|^env(?:var|vars|variables)$|^smhp|^smtrainingenv|^smuserargs"
    r"|^container(?:entrypoint|argument|arguments|args|command)"
)
_PARTS = re.compile(r"[.\[\]/:>|]+")
# short names that say little: secret where they hold a list or an object
_VARIABLES = frozenset({"env", "envs", "command", "args", "arguments", "entrypoint"})
PAYLOAD = "servicerequestpayload"

_MENTION = re.compile(
    r"""(?:
        hyper[\W_]{0,2}parameters?\w*
        | (?<!service)(?<!compute)(?<!service[\s_-])(?<!compute[\s_-])environment(?!s\b)\w*
        | \benv[\W_]?vars?
        | \bsm_hps? \w* | \bsm_training_env | \bsm_user_args
        | container[\W_]?(?:entry[\W_]?point | arg\w*)
    )
    [\s"'\\]* [:={(\[>]
    | --(?:hyper[\W_]?parameters? | environment) \b""",
    re.IGNORECASE | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")


@lru_cache(maxsize=8192)
def is_secret(name: str) -> bool:
    """Whether what stands under a name may hold secrets.

    >>> [is_secret(name) for name in ("hyper_parameters", "Job.Environment.TOKEN", "job_name")]
    [True, True, False]
    """
    parts = [_folded(part) for part in _PARTS.split(name)]
    return (
        any(_SECRET_PART.search(part) for part in parts)
        or _SECRET_PART.search(_folded(name)) is not None
        or any(part in ("env", "envs") for part in parts[:-1])
    )


@lru_cache(maxsize=8192)
def is_secret_structure(name: str) -> bool:
    """Whether a list or an object under a name may hold secrets."""
    return is_secret(name) or _folded(name) in _VARIABLES


@lru_cache(maxsize=8192)
def is_payload(name: str) -> bool:
    """Whether a name is that of AWS Batch's request in JSON."""
    return _folded(name) == PAYLOAD


def is_secret_column(name: str) -> bool:
    """Whether the cells of a column may hold secrets."""
    return is_secret(name) or is_payload(name) or mentions(name)


def may_mention(content: bytes) -> bool:
    """Whether a text needs a closer look; quick, and never wrongly False."""
    lowered = content.lower()
    return any(word in lowered for word in WORDS)


def word_count(content: bytes) -> int:
    """Return how many of WORDS stand in a text."""
    lowered = content.lower()
    return sum(map(lowered.count, WORDS))


def mentions(text: str) -> bool:
    """Whether a text that is no JSON names something secret with a value beside it.

    >>> mentions('INFO "Environment": {"TOKEN": 1}'), mentions("Check the environment, please.")
    (True, False)
    """
    if "\\u" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return _MENTION.search(text) is not None


def fingerprint(content: bytes) -> str:
    """Return what is kept of a text that cannot be understood.

    >>> fingerprint(b"secret")[:25]
    '6 bytes, SHA-256 2bb80d53'
    """
    return f"{len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}"


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
