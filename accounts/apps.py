from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "机构与账号"

    def ready(self) -> None:
        # Imported for what they register: system checks, and what can be exported.
        import accounts.hardening.checks
        import accounts.people.resources
        import accounts.privacy.checks  # noqa: F401
