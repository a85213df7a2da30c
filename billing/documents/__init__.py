"""Documents made from frozen data: the same data always give the same bytes."""
