"""Help: a short page for each task, and the words of the trade. The texts are files in `pages/`."""
