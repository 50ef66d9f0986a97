from django.apps import AppConfig


class KindergartensConfig(AppConfig):
    name = "kindergartens"
    verbose_name = "幼儿园"
