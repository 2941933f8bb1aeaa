"""A participant's addresses."""

from django.urls import path

from elicit.views import consent, entry, interviews, my_data, values_cards

app_name = "participant"
urlpatterns = [
    path("join/<str:token>/", entry.join, name="join"),
    path("withdrawn/", my_data.withdrawn, name="withdrawn"),
    path("left/", my_data.left, name="left"),
    path("study/<slug:slug>/", entry.resume, name="resume"),
    path("study/<slug:slug>/done/", entry.done, name="done"),
    path("study/<slug:slug>/leave/", my_data.leave, name="leave"),
    path("study/<slug:slug>/my-data/", my_data.my_data, name="my_data"),
    path("study/<slug:slug>/my-data/download/", my_data.download, name="download"),
    path("study/<slug:slug>/my-data/withdraw/", my_data.withdraw_me, name="withdraw"),
    path("study/<slug:slug>/consent/", consent.consent, name="consent"),
    path("study/<slug:slug>/interview/", interviews.interview, name="interview"),
    path("study/<slug:slug>/values-card/", values_cards.values_card, name="values_card"),
]
