"""E-mails about invoices, deposits and payment reminders move into the outbox.

The tables of before stay for a release. Those that went out keep their Message-IDs. Those of documents without
a PDF wait to be handed over with it; of a cancelled invoice none goes out but the one that tells of that.
"""

from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.db import migrations
from django.utils import timezone

COLUMNS = """
INSERT INTO outbox_mail (
    kind, about, number, key, organisation_id, address, language, sender_name, sender_address, reply_to,
    message_id, subject, text, attachments, data, secret, created_at, due_at, tries, trouble, claimed_at,
    claimed_by, interrupted_at, taken_at, refused_at, bounce_note, closed_at
)
"""
STATE = """
    CASE WHEN mail.claimed_at IS NULL THEN 0 ELSE 1 END, mail.refusal, mail.claimed_at, '',
    CASE WHEN mail.accepted_at IS NULL AND mail.refusal = '' THEN mail.claimed_at END,
    mail.accepted_at,
    CASE WHEN mail.refusal <> '' THEN mail.claimed_at END,
    ''
"""
STATED = """stated.id = (
    SELECT one.id FROM contracts_providerparticulars one
    WHERE one.provider_id = {row}.provider_id AND (one.starts_on IS NULL OR one.starts_on <= %(today)s)
    ORDER BY one.starts_on IS NULL, one.starts_on DESC LIMIT 1
)"""
INVOICES = f"""
{COLUMNS}
SELECT
    CASE WHEN mail.about = 'cancelled' THEN 'invoice_cancelled' ELSE 'invoice' END,
    invoice.id, invoice.number,
    CASE WHEN mail.about = 'cancelled' THEN 'invoice_cancelled:' ELSE 'invoice:' END || invoice.id,
    invoice.organisation_id, mail.address, mail.language, stated.name, %(sender)s, stated.email,
    CASE WHEN mail.claimed_at IS NULL THEN {{random}}
         WHEN mail.about = 'cancelled' THEN 'cancelled-invoice-' || invoice.number
         ELSE 'invoice-' || invoice.number END || %(host)s,
    '', '', {{empty_list}}, {{empty_object}}, '', COALESCE(mail.claimed_at, {{now}}),
    CASE WHEN mail.claimed_at IS NULL AND invoice.pdf <> '' THEN {{now}} END,
    {STATE},
    CASE WHEN mail.claimed_at IS NULL AND mail.about = 'issued' AND invoice.cancelled_on IS NOT NULL
         THEN {{now}} END
FROM billing_invoicemail mail
JOIN billing_invoice invoice ON invoice.id = mail.invoice_id
JOIN contracts_providerparticulars stated ON {STATED.format(row="invoice")}
"""
DEPOSITS = f"""
{COLUMNS}
SELECT
    'deposit', letter.id, contract.number, 'deposit:' || letter.id,
    letter.organisation_id, mail.address, mail.language, stated.name, %(sender)s, stated.email,
    CASE WHEN mail.claimed_at IS NULL THEN {{random}} ELSE 'deposit-letter-' || letter.id END || %(host)s,
    '', '', {{empty_list}}, {{empty_object}}, '', COALESCE(mail.claimed_at, {{now}}),
    CASE WHEN mail.claimed_at IS NULL THEN {{now}} END,
    {STATE}, NULL
FROM billing_depositmail mail
JOIN billing_depositletter letter ON letter.id = mail.letter_id
JOIN billing_deposit deposit ON deposit.id = letter.deposit_id
JOIN contracts_contract contract ON contract.id = deposit.contract_id
JOIN contracts_providerparticulars stated ON {STATED.format(row="letter")}
"""
REMINDERS = f"""
{COLUMNS}
SELECT
    'payment_reminder', reminder.id, CAST(reminder.issued_on AS VARCHAR(10)), 'payment_reminder:' || reminder.id,
    reminder.organisation_id, reminder.sent_to, 'ja', stated.name, %(sender)s, stated.email,
    'payment-reminder-' || reminder.id || %(host)s,
    '', '', {{empty_list}}, {{empty_object}}, '', reminder.sent_at, NULL,
    1, '', reminder.sent_at, '', NULL, reminder.sent_at, NULL, '', NULL
FROM billing_reminder reminder
JOIN contracts_providerparticulars stated ON {STATED.format(row="reminder")}
WHERE reminder.sent_at IS NOT NULL
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
KINDS = ("invoice", "invoice_cancelled", "deposit", "payment_reminder")


def copy(apps, schema_editor):
    database = schema_editor.connection
    stated = {
        "sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "host": f"@{urlsplit(settings.PORTAL_URL).hostname}",
        "today": database.ops.adapt_datefield_value(timezone.localdate()),
        "now": database.ops.adapt_datetimefield_value(timezone.now()),
    }
    with database.cursor() as cursor:
        for statement in (INVOICES, DEPOSITS, REMINDERS):
            words = WORDS[database.vendor]
            cursor.execute(statement.format(**words), stated)


def remove(apps, schema_editor):
    apps.get_model("outbox", "Mail").objects.filter(kind__in=KINDS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0020_guards"),
        ("contracts", "0020_mails_in_the_outbox"),
        ("outbox", "0001_initial"),
    ]
    operations = [migrations.RunPython(copy, remove)]
