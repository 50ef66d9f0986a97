from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "机构与账号"

    def ready(self) -> None:
        from accounts.people import resources  # noqa: F401 - registers what can be exported
        from accounts.privacy import checks  # noqa: F401 - registers the system check
        from accounts.hardening import checks  # noqa: F401 - registers itself
