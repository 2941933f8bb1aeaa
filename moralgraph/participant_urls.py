"""The judgement step's addresses, under a study's own."""

from django.urls import URLPattern

app_name = "judging"
urlpatterns: list[URLPattern] = []
