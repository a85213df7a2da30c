"""Files with all that is held about somebody: asked for, made by a worker, fetched, removed."""
