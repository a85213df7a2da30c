"""Entering what came beside the portal, step by step; staff and sales agents do it on pages of their own."""
