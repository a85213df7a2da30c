"""Lists that people take out as files: what they are, in which columns and formats, and who took them."""
