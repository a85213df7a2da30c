"""One-off charges and credits that follow from decisions: interest, surcharges, outages, damages."""
