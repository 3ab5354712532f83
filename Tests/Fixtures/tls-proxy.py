#!/usr/bin/env python3
"""Ends TLS in front of a server on loopback: tls-proxy.py CERTIFICATE KEY PORT. Prints "port N" when it listens."""
import asyncio
import os
import ssl
import sys

certificate, key, target = sys.argv[1:]


async def pass_on(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except (ConnectionError, ssl.SSLError):
        writer.close()


async def serve(reader, writer):
    there, back = await asyncio.open_connection("127.0.0.1", int(target))
    request = asyncio.create_task(pass_on(reader, back))
    await pass_on(there, writer)
    writer.close()
    request.cancel()
    back.close()


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(0.5)

asyncio.run(main())
