"""Files that staff download in the admin."""

from io import BytesIO

from django.http import FileResponse


def download(content: bytes, name: str, content_type: str) -> FileResponse:
    """A file to be stored, never shown within the portal's own pages."""
    reply = FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=content_type)
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Cache-Control"] = "private, no-store"
    return reply
