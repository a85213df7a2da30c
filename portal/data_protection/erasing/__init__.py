"""Erasing what is over: what is due, what somebody asked for, decided by two, carried out step by step."""
