"""Datasets and runs, under an organizer's study."""

from django.urls import URLPattern

app_name = "training"
urlpatterns: list[URLPattern] = []
