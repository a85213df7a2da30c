"""The kinds of tables about organisations."""

from portal.tables_in.kinds import TableKind
from portal.tables_in.organisations.details import OrganisationTable
from portal.tables_in.organisations.people import PeopleTable

KINDS: tuple[TableKind, ...] = (OrganisationTable(), PeopleTable())
