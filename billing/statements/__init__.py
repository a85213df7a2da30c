"""Statements of account: asked for on a page, drawn by a worker, kept, handed out."""
