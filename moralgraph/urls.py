"""The moral graph's addresses, under an organizer's study."""

from django.urls import URLPattern

app_name = "moralgraph"
urlpatterns: list[URLPattern] = []
