"""What can go wrong, without a word of HTTP.

MockError
├── ConfigurationError        a file, flag or key of ours is wrong: one sentence, exit code 2
├── Unavailable               what several processes share is not to be had now
└── Refusal                   a request is refused; the provider's wire words it
    ├── NotAuthenticated      whose call is this?
    ├── NotPermitted          known, but not allowed
    ├── Throttled             too many, too fast
    ├── NotFound              no such object, or another organization's
    ├── MethodNotAllowed      the path exists, the method does not
    ├── Conflict              well asked for, but not in the state that things are in
    ├── NotAcceptable         no answer in a form the client accepts
    ├── UnsupportedMedia      no parser for what was sent
    ├── TooLarge              more bytes than the server reads
    ├── Malformed             not parseable at all
    └── Invalid               parseable, but breaks the document or a rule of the model
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class MockError(Exception):
    """Everything this project raises on purpose."""


class ConfigurationError(MockError):
    """Names the file, line or key that is wrong, in one sentence."""


class Unavailable(MockError):
    """What several processes share cannot be reached in time. What was to be written may have been, or not."""


class Refusal(MockError):
    """A request that the vendor would refuse."""


class NotAuthenticated(Refusal):
    """`reason` is `missing` (nothing usable was sent), `unknown` or `inactive`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotPermitted(Refusal):
    """`scope` names the permission that the caller lacks, where the vendor has names for them."""

    def __init__(self, scope: str = "") -> None:
        super().__init__(scope)
        self.scope = scope


class Throttled(Refusal):
    """`wait` is the time in seconds until one more request would pass."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


class NotFound(Refusal):
    pass


class MethodNotAllowed(Refusal):
    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.method = method


class Conflict(Refusal):
    """`reason` is a word of the model's own for what stands in the way."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAcceptable(Refusal):
    pass


class UnsupportedMedia(Refusal):
    """`media_type` is what the client declared, as it was sent; empty if it declared nothing."""

    def __init__(self, media_type: str) -> None:
        super().__init__(media_type)
        self.media_type = media_type


class TooLarge(Refusal):
    """`limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class Malformed(Refusal):
    """`form` is what the body claimed to be (`JSON`, `Multipart form`), `detail` where it broke."""

    def __init__(self, form: str, detail: str) -> None:
        super().__init__(form, detail)
        self.form = form
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Breach:
    """One way in which a payload breaks the document or the model.

    `rule` is the JSON Schema keyword that failed (`required`, `type`, …) or a word of the model's own
    (`exists`, `blank`, `null-characters`, `surrogates`); `pointer` leads to the offending place, for `required`
    to the property that is missing; `expected` is what the rule wanted, e.g. the name of the type or the values to
    choose from. `where` is `body` or `query`.
    """

    pointer: tuple[str, ...]
    rule: str
    value: object = None
    expected: object = None
    where: str = "body"


class Invalid(Refusal):
    def __init__(self, breaches: Iterable[Breach]) -> None:
        self.breaches = tuple(breaches)
        super().__init__(*self.breaches)
