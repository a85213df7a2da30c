"""Tables about contracts that staff bring in."""
