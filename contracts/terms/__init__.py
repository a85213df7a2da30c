"""The text of a terms version as a tree: numbering, structure, and its Markdown form. Pure Python."""
