"""The policy: all computable rules of one version of one 約款, as a typed schema."""
