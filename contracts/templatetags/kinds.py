"""Kinds of requests by their names."""

from django import template

from contracts.extensions.kinds import kind_label

register = template.Library()
register.filter("kind_label", kind_label)
