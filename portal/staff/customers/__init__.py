"""The staff's page of a customer."""
