"""One raw answer out of several files: each byte for byte, in a zip without compression."""

from io import BytesIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from fondaco.core.errors import InvalidInput
from fondaco.market.ports import Raw

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of each member, so that the same files always give the same bytes."""


def pack(files: dict[str, tuple[str, bytes]]) -> bytes:
    """Return files by role (bars, factors, ...) with their names as one body."""
    body = BytesIO()
    with ZipFile(body, "w", ZIP_STORED) as archive:
        for role, (filename, content) in files.items():
            archive.writestr(ZipInfo(f"{role}/{filename}", _EPOCH), content)
    return body.getvalue()


def unpack(raw: Raw) -> dict[str, tuple[str, bytes]]:
    """Return the files of a body by role; raises InvalidInput when it is none."""
    try:
        with ZipFile(BytesIO(raw.body)) as archive:
            parts = [
                (info.filename.partition("/"), archive.read(info)) for info in archive.infolist()
            ]
    except (BadZipFile, EOFError, OSError) as error:
        raise InvalidInput(
            "this raw answer is not one of the file provider", value=raw.name
        ) from error
    return {role: (filename, content) for (role, _, filename), content in parts}
