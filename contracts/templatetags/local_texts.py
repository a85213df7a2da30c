"""Texts of the policy, for pages."""

from django import template

from contracts.wording import local_text

register = template.Library()

register.filter(local_text.localised)
