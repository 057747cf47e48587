# Written by scripts/generate_sync.py from ../_async. Not to be edited.
"""What talent submits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from .._content import Content, Progress, Source, UploadedFile
from .._core import given, path, timeout_of
from ..errors import APIError
from ..models import PresignedFile, StoredFile
from ..params import FileCapture
from .resource import Resource


class Files(Resource):
    """What talent submits."""

    def presign(
        self,
        *,
        filename: str,
        content_type: str,
        bytes: int,
        capture: FileCapture | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> PresignedFile:
        """A URL for one PUT of exactly this content type and at most this many bytes."""
        body = given(filename=filename, content_type=content_type, bytes=bytes, capture=capture)
        return self._post(PresignedFile, "/v1/files/presign", body, idempotency_key)

    def get(self, file_id: str) -> StoredFile:
        """A file, with a URL to download it. Its name is the uploader's own words."""
        return self._get(StoredFile, path("/v1/files/{}", file_id))

    def upload(
        self,
        source: Source,
        *,
        filename: str | None = None,
        content_type: str | None = None,
        capture: FileCapture | Mapping[str, Any] | None = None,
        on_progress: Progress | None = None,
    ) -> UploadedFile:
        """Announces a file and sends its content, as often as it takes. source is a
        path, bytes, or a file opened for reading bytes; its name says the content
        type. Send the original: software that re-encodes strips the location that QA reads."""
        content = Content(source, filename, content_type)
        put = self.presign(
            filename=content.filename, content_type=content.content_type, bytes=content.size, capture=capture
        )

        def body() -> Iterator[bytes]:
            for chunk in content.chunks(on_progress):
                yield chunk

        def build() -> httpx.Request:
            # No key: the URL is the permission.
            headers = {**put.headers, "Content-Length": str(content.size)}
            timeout = timeout_of(self._transport.options, 0)
            return self._transport.http.build_request(
                put.method, put.upload_url, headers=headers, content=body(), timeout=timeout
            )

        try:
            self._transport.send(build)
        except APIError as error:
            # A store says so to a second PUT: an earlier try may have arrived without its answer arriving here.
            if error.status != 412 or (self.get(put.file_id)).sha256 != content.sha256():
                raise
        return UploadedFile(file_id=put.file_id, bytes=content.size, sha256=content.sha256())
