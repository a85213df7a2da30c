"""What contracts say of their entries in the audit trail."""
