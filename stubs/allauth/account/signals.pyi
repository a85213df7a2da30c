from django.dispatch import Signal

email_added: Signal
email_changed: Signal
email_removed: Signal
