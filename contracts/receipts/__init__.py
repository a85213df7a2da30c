"""What reaches the provider beside the portal, on paper or by telephone, and is entered by staff."""
