"""Uploads on their way in: each file of a form goes straight to the storage's incoming folder and is hashed there.

So a large file costs neither memory nor a second copy, and nothing after the last octet takes longer because the
file is large. What the request leaves behind is removed when the request ends.
"""

from __future__ import annotations

import io
from contextlib import suppress
from itertools import chain
from typing import IO, Any

from flask import Request, current_app
from werkzeug.exceptions import RequestEntityTooLarge

from app.access import STRANGER
from app.errors import DomainError
from app.files import keeping, storage
from app.files.storage import Arrival

#: Files of one request: enough to say "eleven are too many", too few to use up the process's open files.
MOST_PARTS = 30


class UploadRequest(Request):
    """A request whose uploaded files are `Arrival`s."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arrivals: list[Arrival] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if not filename or STRANGER in self.environ:
            return _Ignored()  # a file field that was left empty; or a stranger's, whom nobody asks for files
        if len(self._arrivals) >= MOST_PARTS:
            raise RequestEntityTooLarge
        arrival = storage.current().incoming(current_app.config["UPLOAD_LIMIT"])
        self._arrivals.append(arrival)
        return arrival

    def _load_form_data(self) -> None:
        super()._load_form_data()
        # Waiting for the disk and looking into archives is done here, before the request takes the database's write
        # lock.
        for upload in chain.from_iterable(self.files.listvalues()):
            if isinstance(upload.stream, Arrival):
                # What is found is noted on the arrival; the form says it at its field.
                with suppress(DomainError):
                    keeping.inspect(upload)
                    upload.stream.settle()

    def close(self) -> None:
        """Close the files of the form, whether or not the form could be read to its end."""
        super().close()
        for arrival in self._arrivals:
            arrival.close()


class _Ignored(io.BytesIO):
    """Takes octets that belong to no file and keeps none of them."""

    def write(self, chunk: Any, /) -> int:
        return memoryview(chunk).nbytes
