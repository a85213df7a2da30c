"""Pages on which staff enter what came on paper, by fax, e-mail or telephone."""
