"""Between ASGI messages and plain requests and answers."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from mockserver.core.exchange import LARGEST_BODY, Answer, Headers, Request

# Keys of ours in a scope: the name of the request's sandbox, the prefix that chose it, what breaks connections,
# whether the body is there whole, so that nothing has to be waited for, the request once it has been read, and what
# came of it, a reply or an exception, if the engine has been asked already.
SANDBOX = "mockserver.sandbox"
MOUNT = "mockserver.mount"
WIRE = "mockserver.wire"
WHOLE = "mockserver.whole"
REQUEST = "mockserver.request"
OUTCOME = "mockserver.outcome"


class ClientGone(Exception):
    """The client hung up before its request was complete."""


async def read_request(scope: Scope, receive: Receive) -> Request:
    """The whole request, its body up to LARGEST_BODY. Raises ClientGone."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            chunks.clear()
            break
        chunks.append(chunk)
        if not message.get("more_body", False):
            break
    return request_of(scope, b"".join(chunks), oversized=size > LARGEST_BODY)


def request_of(scope: Scope, body: bytes = b"", *, oversized: bool = False) -> Request:
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=raw_path.decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=Headers(scope["headers"]),
        body=body,
        oversized=oversized,
        mount=scope.get(MOUNT, ""),
    )


async def send_answer(answer: Answer, send: Send, *, head: bool = False) -> None:
    """`head` sends the headers of the answer and leaves its body out."""
    await send_head(answer, send)
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def send_head(answer: Answer, send: Send) -> None:
    """Status and headers."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
