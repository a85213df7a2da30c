"""Names of payers were remembered with the forms that weren't known: they are remembered without them too."""

import jaconv
from django.db import migrations

from billing.documents.bank_files.charset import comparable_name

_SMALL = str.maketrans("ｧｨｩｪｫｬｭｮｯｦ", "ｱｲｳｴｵﾔﾕﾖﾂｵ")
_SIGNS = str.maketrans(
    {"ｰ": "-", "‐": "-", "−": "-", "―": "-", "・": ".", "･": ".", "¥": "\\", "\u3000": " "}
)
_ALLOWED = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ"
)
_FORMS = (
    "ｶﾌﾞｼｷｶﾞｲｼﾔ",
    "ｶﾌﾞｼｷｶｲｼﾔ",
    "ﾕｳｹﾞﾝｶﾞｲｼﾔ",
    "ﾕｳｹﾞﾝｶｲｼﾔ",
    "ｺﾞｳﾄﾞｳｶﾞｲｼﾔ",
    "ｺﾞｳﾄﾞｳｶｲｼﾔ",
    "(ｶ)",
    "(ﾕ)",
    "(ﾄﾞ)",
    "ｶ)",
    "(ｶ",
    "ﾕ)",
    "(ﾕ",
    "ﾄﾞ)",
    "(ﾄﾞ",
)


def _remembered(payer):
    """The name as it was remembered until now."""
    written = str(jaconv.z2h(jaconv.hira2kata(payer), kana=True, ascii=True, digit=True))
    written = written.translate(_SIGNS).translate(_SMALL).upper()
    for sign in " .-/\\｢｣":
        written = written.replace(sign, "")
    for form in _FORMS:
        written = written.replace(form, "")
    return "".join(sign for sign in written if sign in _ALLOWED)


def remember_without_form(apps, schema_editor):
    """Both names stay: which payments a name came from is not stored with it."""
    names = apps.get_model("billing", "PayerName")
    entries = apps.get_model("billing", "BankTransaction")
    known = {}
    for name, organisation in names.objects.values_list("name", "organisation_id"):
        known.setdefault(name, []).append(organisation)
    payers = entries.objects.order_by().values_list("payer", flat=True).distinct() if known else ()
    for payer in payers:
        before, now = _remembered(payer), comparable_name(payer)
        if now and now != before:
            for organisation in known.get(before, ()):
                names.objects.get_or_create(organisation_id=organisation, name=now)


class Migration(migrations.Migration):
    dependencies = [("billing", "0047_credit_booked_over")]

    operations = [migrations.RunPython(remember_without_form, migrations.RunPython.noop)]
