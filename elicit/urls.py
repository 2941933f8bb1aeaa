"""A participant's addresses."""

from django.urls import URLPattern

app_name = "participant"
urlpatterns: list[URLPattern] = []
