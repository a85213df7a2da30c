"""Work in the background on the installation itself."""

from celery import shared_task

from portal.installation import mail_server


@shared_task
def look_for_mail_server() -> None:
    """Store whether the mail server is there."""
    mail_server.look_for_mail_server()
