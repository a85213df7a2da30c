"""An e-mail of the outbox as it is handed to the mail server."""

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from portal.outbox.kinds import Written
from portal.outbox.models import Mail
from portal.outbox.secrets import PLACE, LostSecretError, opened


def message_of(mail: Mail, written: Written) -> EmailMessage:
    """The message, with its files, and its secret where it has one.

    Raises FileNotFoundError where a file is missing or was changed, LostSecretError.
    """
    if mail.secret_erased_at:
        raise LostSecretError("the secret was erased, as it was kept for too long")
    message = EmailMessage(
        subject=written.subject,
        body=written.text.replace(PLACE, opened(mail.secret)) if mail.secret else written.text,
        from_email=envelope_sender(mail),
        to=[mail.address],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={
            "From": formataddr((mail.sender_name, mail.sender_address)),
            "Message-ID": f"<{mail.message_id}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    for file in written.attachments:
        message.attach(file.name, file.content(), file.content_type)
    return message


def envelope_sender(mail: Mail) -> str:
    """Where reports go when it can't be delivered: the bounce address, with what names the e-mail."""
    if not settings.BOUNCE_ADDRESS:
        return mail.sender_address
    local, _at, domain = parseaddr(settings.BOUNCE_ADDRESS)[1].rpartition("@")
    return f"{local}+{mail.message_id.partition('@')[0]}@{domain}"
