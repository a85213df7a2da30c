"""Japanese: a space between the day and the time, which Django leaves out."""

DATETIME_FORMAT = "Y年n月j日 H:i"
