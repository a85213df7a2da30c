"""How days and moments read, where Django's own formats of a language do not do."""
