"""Made-up customers, staff and contracts for whoever wants to look around.

Everything is created through the operations that the portal itself uses, at moments in the past.
"""
