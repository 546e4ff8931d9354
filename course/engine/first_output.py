"""docker-py without the loss of output that comes together with the response's headers.

docker-py reads exec and attach streams from the raw socket and passes over what the HTTP library
has already buffered (docker-py issue 3332): on a busy machine the first lines are missing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

from docker import APIClient
from docker.utils.socket import consume_socket_output, demux_adaptor

STDOUT = 1


def keep_first_output(client: APIClient) -> None:
    """Makes this client's `exec_start` and `attach` (so `exec_run` too) read through the buffer."""
    api: Any = client  # what is replaced is private
    api._read_from_socket = partial(_read, api, api._read_from_socket)


def _read(
    api: Any, plain: Any, response: Any, stream: bool, tty: bool = True, demux: bool = False
) -> Any:
    if not hasattr(getattr(response.raw._fp, "fp", None), "read1"):  # a Windows pipe
        return plain(response, stream, tty, demux)
    # As docker-py does for logs: a quiet process is no timeout.
    api._disable_socket_timeout(api._get_raw_response_socket(response))
    parts: Any = (demux_adaptor(*f) if demux else f[1] for f in _frames(response, tty))
    if stream:
        return parts
    return consume_socket_output(parts, True) if demux else consume_socket_output(parts)


def _frames(response: Any, tty: bool) -> Iterator[tuple[Any, bytes]]:
    """Yields stream number and bytes of each frame (engine API, "Attach to a container").

    Takes the response and not its buffer: a response that nobody holds closes its connection.
    """
    buffered = response.raw._fp.fp
    if tty:
        while chunk := buffered.read1(65536):
            yield STDOUT, chunk
    while len(header := buffered.read(8)) == 8:
        kind, size = struct.unpack(">BxxxL", header)
        yield kind, buffered.read(size)
