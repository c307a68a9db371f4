"""What Schemathesis cannot know of the requests that it makes."""

import itertools
import json
import re

import schemathesis

RATE_MAX = 20  # orders a second: the load generator must not starve the tests beside this one
numbers = itertools.count()


@schemathesis.serializer("application/x-ndjson")
def lines_of_json(_context, value):
    """The document calls such a body text: it is sent as it is, and what is no text as one line of JSON."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives each order a key of its own: another body under a used key is refused, rightly."""
    key = (case.headers or {}).get("Idempotency-Key", "")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,200}", key):
        case.headers["Idempotency-Key"] = f"{key}-{next(numbers)}"
    if isinstance(case.query, dict):
        case.query.pop("live", None)  # a tail has no end
    operation = case.operation.definition.raw.get("operationId")
    rate = case.body.get("rate") if operation == "setLoad" and isinstance(case.body, dict) else None
    if isinstance(rate, (int, float)) and RATE_MAX < rate <= 2000:
        case.body["rate"] = RATE_MAX
