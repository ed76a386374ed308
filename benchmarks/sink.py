"""A mail server that takes everything and keeps nothing, where Postfix's smtp-sink is missing: `sink.py PORT`."""

from __future__ import annotations

import asyncio
import sys


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"EHLO":
            writer.write(b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE\r\n")
        elif verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await _content(reader)
            writer.write(b"250 taken\r\n")
        elif verb == b"QUIT":
            writer.write(b"221 bye\r\n")
            break
        else:
            writer.write(b"250 ok\r\n")
    writer.close()


async def _content(reader: asyncio.StreamReader) -> None:
    end = b""
    while not end.endswith(b"\r\n.\r\n"):
        end = (end + await reader.read(1 << 20))[-5:]


async def main() -> None:
    server = await asyncio.start_server(_converse, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
