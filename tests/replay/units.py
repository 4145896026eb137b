"""Seconds and amounts of a trace, as the interface writes them.

All amounts are integers, in millionths; nothing here is a binary fraction.
"""

import datetime
import decimal

EPOCH = datetime.datetime(2026, 1, 1)  # second 0 of every trace
MILLIONTHS = 1_000_000
LEASE = "34560000s"  # 400 days, the longest there is: no lease of a trace ends by itself


class ReplayError(Exception):
    """An answer, or the end of a process, that is not as it has to be."""


def expect(condition, *what):
    if not condition:
        raise ReplayError(" ".join(str(part) for part in what))


def to_decimal_text(millionths):
    whole, fraction = divmod(millionths, MILLIONTHS)
    return f"{whole}.{fraction:06}".rstrip("0").rstrip(".")


def to_millionths(text):
    expect(isinstance(text, str), "an amount is not a string:", repr(text))
    scaled = decimal.Decimal(text).scaleb(6)
    expect(scaled == scaled.to_integral_value(), "an amount below a millionth:", text)
    return int(scaled)


def to_timestamp(second):
    return (EPOCH + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
