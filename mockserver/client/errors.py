"""What can go wrong between a program and the mock's control API.

ClientError
├── Unreachable      nobody answers at the address
├── NothingCame      what was waited for did not come in time
└── Refused          the control API said no: `status` and `words` are its own
    └── NotThere     there is no such thing (404)
"""

from __future__ import annotations

from mockserver.core.errors import MockError


class ClientError(MockError):
    pass


class Unreachable(ClientError):
    pass


class NothingCame(ClientError):
    pass


class Refused(ClientError):
    def __init__(self, asked: str, status: int, words: str) -> None:
        super().__init__(f"{asked}: {words} ({status})")
        self.status = status
        self.words = words


class NotThere(Refused):
    pass
