"""What is uploaded, read again for each try. It knows no HTTP."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Union

#: A path, the bytes themselves, or a file opened for reading bytes.
Source = Union[str, "os.PathLike[str]", bytes, BinaryIO]

#: Told how many bytes of how many were sent. A second try begins at 0 again.
Progress = Callable[[int, int], None]

_CHUNK = 64 * 1024

# Not every system's table knows these.
_TYPES = {
    ".aiff": "audio/aiff",
    ".flac": "audio/flac",
    ".heic": "image/heic",
    ".m4a": "audio/mp4",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".vtt": "text/vtt",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class UploadedFile:
    """A file the server has."""

    file_id: str  #: to register the deliverable under
    bytes: int
    sha256: str  #: lower-case hexadecimal, of what was read here


class Content:
    """A source with its name, type and size."""

    def __init__(self, source: Source, filename: str | None, content_type: str | None) -> None:
        self._opened: BinaryIO | None = None
        self._start = 0
        name: str | None = None
        if isinstance(source, (str, os.PathLike)):
            self._path: Path | None = Path(source)
            name = self._path.name
            self.size = self._path.stat().st_size
        else:
            self._path = None
            file: BinaryIO = io.BytesIO(source) if isinstance(source, (bytes, bytearray, memoryview)) else source
            if not file.seekable():  # a second try must read it again
                file = io.BytesIO(file.read())
            named = getattr(source, "name", None)
            name = os.path.basename(named) if isinstance(named, str) else None
            self._opened, self._start = file, file.tell()
            self.size = file.seek(0, os.SEEK_END) - self._start
        if not (filename or name):
            raise ValueError("filename is missing: bytes and unnamed files have none of their own")
        self.filename = filename or name or ""
        suffix = os.path.splitext(self.filename)[1].lower()
        self.content_type = content_type or _TYPES.get(suffix) or mimetypes.guess_type(self.filename)[0] or "application/octet-stream"
        self._sha256: str | None = None

    def chunks(self, progress: Progress | None) -> Iterator[bytes]:
        """The content from its beginning, telling progress after each piece was taken."""
        digest, sent = hashlib.sha256(), 0
        file = self._opened
        if file is None:
            assert self._path is not None
            file = self._path.open("rb")
        else:
            file.seek(self._start)
        try:
            while sent < self.size and (chunk := file.read(min(_CHUNK, self.size - sent))):
                digest.update(chunk)
                yield chunk
                sent += len(chunk)
                if progress:
                    progress(sent, self.size)
            self._sha256 = digest.hexdigest()
        finally:
            if file is not self._opened:
                file.close()

    def sha256(self) -> str:
        """Of all that was read; it is read here when no try got to the end."""
        if self._sha256 is None:
            for _ in self.chunks(None):
                pass
        return self._sha256 or ""
