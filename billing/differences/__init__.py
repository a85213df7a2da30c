"""What contracts owe by facts against what their documents charge: compared, listed, decided."""
