"""The e-mails of notices move into the outbox; the ledger of notices goes on saying what became of each.

Those that went out keep their Message-IDs. Reminders that were being sent, and never finished, are taken up
again by the next day's work.
"""

from urllib.parse import urlsplit
from email.utils import parseaddr

from django.conf import settings
from django.db import migrations
from django.utils import timezone

INSERT = """
INSERT INTO outbox_mail (
    kind, about, number, key, organisation_id, address, language, sender_name, sender_address, reply_to,
    message_id, subject, text, attachments, data, secret, created_at, due_at, tries, trouble, claimed_at,
    claimed_by, interrupted_at, taken_at, refused_at, bounced_at, bounce_note
)
SELECT
    'notice', line.id, CAST(notice.id AS VARCHAR(20)), 'notice:' || line.id, line.organisation_id,
    line.address, line.language, stated.name, %(sender)s, stated.email,
    CASE WHEN line.sent_at IS NULL THEN {random} || %(host)s
         ELSE 'notice-' || notice.id || '-' || line.id || %(host)s END,
    CASE WHEN line.language = 'en' AND notice.subject_en <> '' THEN notice.subject_en ELSE notice.subject END,
    '', {empty_list}, {empty_object}, '', notice.sent_at,
    CASE WHEN line.sent_at IS NULL THEN {now} END,
    CASE WHEN line.sent_at IS NULL THEN 0 ELSE 1 END,
    CASE WHEN line.accepted_at IS NULL THEN line.bounce_note ELSE '' END,
    line.sent_at, '',
    CASE WHEN line.accepted_at IS NULL AND line.bounced_at IS NULL THEN line.sent_at END,
    line.accepted_at,
    CASE WHEN line.accepted_at IS NULL THEN line.bounced_at END,
    CASE WHEN line.accepted_at IS NOT NULL THEN line.bounced_at END,
    CASE WHEN line.accepted_at IS NOT NULL THEN line.bounce_note ELSE '' END
FROM contracts_noticedelivery line
JOIN contracts_notice notice ON notice.id = line.notice_id
JOIN contracts_service service ON service.id = notice.service_id
JOIN contracts_providerparticulars stated ON stated.id = (
    SELECT one.id FROM contracts_providerparticulars one
    WHERE one.provider_id = service.provider_id AND (one.starts_on IS NULL OR one.starts_on <= %(today)s)
    ORDER BY one.starts_on IS NULL, one.starts_on DESC LIMIT 1
)
WHERE line.channel = 'email' AND notice.sent_at IS NOT NULL
"""

WORDS = {
    "sqlite": {
        "random": "lower(hex(randomblob(16)))",
        "empty_list": "'[]'",
        "empty_object": "'{}'",
        "now": "CAST(%(now)s AS TEXT)",
    },
    "postgresql": {
        "random": "replace(CAST(gen_random_uuid() AS TEXT), '-', '')",
        "empty_list": "CAST('[]' AS JSONB)",
        "empty_object": "CAST('{}' AS JSONB)",
        "now": "CAST(%(now)s AS TIMESTAMP WITH TIME ZONE)",
    },
}


def copy(apps, schema_editor):
    database = schema_editor.connection
    stated = {
        "sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "host": f"@{urlsplit(settings.PORTAL_URL).hostname}",
        "today": database.ops.adapt_datefield_value(timezone.localdate()),
        "now": database.ops.adapt_datetimefield_value(timezone.now()),
    }
    with database.cursor() as cursor:
        cursor.execute(INSERT.format(**WORDS[database.vendor]), stated)
    reminders = apps.get_model("contracts", "Reminder")
    reminders.objects.filter(sent_at__isnull=True).update(claimed_at=None)


def remove(apps, schema_editor):
    apps.get_model("outbox", "Mail").objects.filter(kind="notice").delete()


class Migration(migrations.Migration):
    dependencies = [("contracts", "0019_consents_sealed_apart"), ("outbox", "0001_initial")]
    operations = [migrations.RunPython(copy, remove)]
