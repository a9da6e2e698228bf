"""What a file is, by how it begins: a declared type and a name prove nothing."""

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
OTHERS = (
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
)
OF_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}


def image_type(head: bytes) -> str | None:
    """The type of raster image that a file is, by its first 12 bytes."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in SIGNATURES if head.startswith(signature)), None)


def media_type(head: bytes) -> str | None:
    """The type of image, document or sound that a file is, by its first 12 bytes; None for any other."""
    if head[:4] == b"RIFF":
        return OF_RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return "video/mp4"
    signatures = (*SIGNATURES, *OTHERS)
    return next((kind for signature, kind in signatures if head.startswith(signature)), None)
