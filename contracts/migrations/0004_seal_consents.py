"""Number the consents that are there in the order in which they were stored, and seal each with the one before."""

import hashlib
import json
from datetime import UTC
from ipaddress import ip_address

from django.db import migrations

GENESIS = "0" * 64


def seal_all(apps, schema_editor):
    previous, length = GENESIS, 0
    for consent in apps.get_model("contracts", "Consent").objects.order_by("pk"):
        length += 1
        consent.sequence, consent.previous_hash = length, previous
        consent.recorded_at = consent.at
        consent.hash = previous = seal(consent)
        consent.save()
    if length:
        chain = apps.get_model("contracts", "ConsentChain")
        chain.objects.create(pk=1, length=length, last_hash=previous)


def seal(consent) -> str:
    at = consent.at.astimezone(UTC).isoformat(timespec="microseconds")
    stated = {
        "sequence": consent.sequence,
        "organisation": consent.organisation_id,
        "person": consent.person_id,
        "terms_version": consent.terms_version_id,
        "content_hash": consent.content_hash,
        "how": consent.how,
        "application": consent.application_id,
        "notice": None,
        "at": at,
        "recorded_at": at,
        "from": ip_address(consent.ip_address).exploded if consent.ip_address else None,
        "previous": consent.previous_hash,
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [("contracts", "0003_notices_and_consent_chain")]
    operations = [migrations.RunPython(seal_all, migrations.RunPython.noop)]
