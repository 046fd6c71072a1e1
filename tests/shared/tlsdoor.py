"""A door that speaks TLS before a server that does not: what a managed Redis looks like from outside."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

HOST = "127.0.0.1"


@contextmanager
def tls_door(behind: Path, certificates: Path) -> Iterator[int]:
    """The port of a door to the unix socket `behind`; its authority's certificate is written to `certificates`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(certificates)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(behind)
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    async def opened() -> asyncio.Server:
        return await asyncio.start_server(through, HOST, 0, ssl=context)

    async def closed() -> None:
        door.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    door = asyncio.run_coroutine_threadsafe(opened(), loop).result()
    try:
        yield door.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(closed(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while read := await reader.read(65536):
            writer.write(read)
            await writer.drain()
    finally:
        writer.close()
