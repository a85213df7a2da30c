from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from contracts.extensions import registered
        from contracts.extensions.lives import LifePlayer
        from portal import checks  # noqa: F401 (registers the system checks)
        from portal.approvals import kinds as proposals
        from portal.audit.books import register
        from portal.limits.sessions import signed_in
        from portal.lives import package, tasks
        from portal.services import examples_of
        from portal.staff.factor_reset import FACTOR_RESET
        from portal.staff.history import BOOK
        from portal.staff.rights import grant_rights
        from portal.uniting.approval import UNITED

        post_migrate.connect(grant_rights)
        user_logged_in.connect(signed_in)
        register(BOOK)
        proposals.register([UNITED, FACTOR_RESET])
        player = LifePlayer(digest=package.digest, soon=tasks.play_soon)
        registered.register(registered.Extension(examples=examples_of, lives=player))
