"""Tables about money that staff bring in."""
