"""Everything that turns keys into sentences, in the language of the interface."""
