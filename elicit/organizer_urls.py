"""An organizer's addresses."""

from django.urls import path

from elicit.views import organizer

app_name = "organizer"
urlpatterns = [
    path("", organizer.studies, name="studies"),
    path("<slug:slug>/", organizer.study, name="study"),
    path("<slug:slug>/progress/", organizer.study_progress, name="study_progress"),
    path("<slug:slug>/state/", organizer.change_state, name="change_state"),
    path("<slug:slug>/participants/", organizer.participants, name="participants"),
    path("<slug:slug>/participants/links/", organizer.new_links, name="new_links"),
]
