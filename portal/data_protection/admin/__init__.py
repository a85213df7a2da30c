"""Staff's pages of data protection: how long what is kept, copies for who asked, what is erased."""

from portal.data_protection.admin import copies, erasures, periods, texts

__all__ = ["copies", "erasures", "periods", "texts"]
