"""Terms: imported, drafted, checked, published; and what publishing changes for contracts."""
