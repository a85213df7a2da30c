"""What lines of a file name: services, versions, customers, products, each looked up once."""

from datetime import date
from functools import cached_property

from contracts.extensions.takeover import Bringing, Line
from contracts.models import Provider, Service, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.policy.products import Product
from contracts.rules.policy.schema import Policy
from contracts.takeover.cells import digits, folded
from portal.organisations.models import Organisation, User
from portal.staffing.reach import within


class Known:
    """What is known of a provider. Make one for a piece of work, and drop it afterwards."""

    def __init__(self, provider: Provider, staff: User) -> None:
        self.provider, self.staff = provider, staff
        self.books = Rulebooks()
        self._customers: dict[tuple[str, str], Organisation | None] = {}
        self._versions: dict[int, list[TermsVersion]] = {}

    @cached_property
    def _services(self) -> dict[str, Service]:
        services = Service.objects.filter(provider=self.provider).select_related("provider")
        found: dict[str, Service] = {}
        for service in services.prefetch_related("provider__particulars"):
            for name in (service.slug, *service.names.values()):
                found[folded(name)] = service
        return found

    @cached_property
    def own(self) -> set[int]:
        """The organisations of the staff who bring it in."""
        return set(self.staff.memberships.values_list("organisation", flat=True))

    def service(self, name: str) -> Service | None:
        return self._services.get(folded(name))

    def version(self, service: Service, name: str) -> TermsVersion | None:
        """A published version by its name."""
        return next((one for one in self._published(service) if folded(one.name) == folded(name)), None)

    def in_force(self, service: Service, day: date) -> TermsVersion | None:
        """The version that governed a day, as it was published."""
        found = [one for one in self._published(service) if one.effective_on <= day]
        return max(found, key=lambda one: one.effective_on, default=None)

    def _published(self, service: Service) -> list[TermsVersion]:
        if service.pk not in self._versions:
            published = TermsVersion.objects.published().filter(service=service)
            self._versions[service.pk] = list(
                published.select_related("service__provider").prefetch_related("revisions")
            )
        return self._versions[service.pk]

    def customer(self, line: Line, bringing: Bringing) -> Organisation | None:
        """The customer of a line: by its corporate number; without one by its name, of those staff know."""
        number, name = line["corporate_number"] or "", line["customer"] or ""
        key = (number, name)
        if key not in self._customers:
            found = self._found(line, bringing)
            if found is None:
                return None
            self._customers[key] = found
        return self._customers[key]

    def _found(self, line: Line, bringing: Bringing) -> Organisation | None:
        standing = Organisation.objects.filter(united_into__isnull=True)
        if number := line["corporate_number"]:
            theirs = list(standing.filter(corporate_number=digits(number)))
            confirmed = [one for one in theirs if one.number_confirmed_at]
            return self._only(confirmed or theirs, line, "corporate_number", bringing)
        if line["customer"]:
            named = within(self.staff, standing).filter(name=line["customer"])
            return self._only(list(named), line, "customer", bringing)
        bringing.refuse(line, "corporate_number", "no_customer_named")
        return None

    @staticmethod
    def _only(found: list[Organisation], line: Line, column: str, bringing: Bringing) -> Organisation | None:
        if len(found) != 1:
            key = "several_customers" if found else "no_customer"
            bringing.refuse(line, column, key, written=line[column])
            return None
        name = line["customer"]
        if column == "corporate_number" and name and folded(name) != folded(found[0].name):
            bringing.remark(line, "customer", "other_name", written=name, name=found[0].name)
        return found[0]


def product_named(policy: Policy, name: str) -> Product | None:
    """A product by its key, or its name in either language."""
    for product in policy.products:
        if folded(name) in (folded(product.key), folded(product.name.ja), folded(product.name.en)):
            return product
    return None
