"""A participant's addresses."""

from django.urls import path

from elicit.views import consent, entry, interviews, joining, my_data, turns, values_cards

app_name = "participant"
urlpatterns = [
    path("join/<str:token>/", entry.join, name="join"),
    path("s/<str:token>/", joining.open_link, name="study_link"),
    path("panel/<str:token>/", joining.panel_entry, name="panel"),
    path("withdrawn/", my_data.withdrawn, name="withdrawn"),
    path("left/", my_data.left, name="left"),
    path("study/<slug:slug>/", entry.resume, name="resume"),
    path("study/<slug:slug>/begin/", entry.begin_study, name="begin"),
    path("study/<slug:slug>/done/", entry.done, name="done"),
    path("study/<slug:slug>/exit/", entry.leave_to_panel, name="exit"),
    path("study/<slug:slug>/leave/", my_data.leave, name="leave"),
    path("study/<slug:slug>/my-data/", my_data.my_data, name="my_data"),
    path("study/<slug:slug>/my-data/download/", my_data.download, name="download"),
    path("study/<slug:slug>/my-data/consent/", my_data.change_consent, name="change_consent"),
    path("study/<slug:slug>/my-data/link/", my_data.new_link, name="new_link"),
    path("study/<slug:slug>/my-data/withdraw/", my_data.withdraw_me, name="withdraw"),
    path("study/<slug:slug>/consent/", consent.consent, name="consent"),
    path("study/<slug:slug>/consent/again/", consent.consent_again, name="consent_again"),
    path("study/<slug:slug>/consent/decline/", consent.decline_consent, name="decline"),
    path("study/<slug:slug>/interview/", interviews.interview, name="interview"),
    path("study/<slug:slug>/interview/live/", interviews.live, name="live"),
    path("study/<slug:slug>/interview/turns/<int:turn>/stream", turns.stream, name="stream"),
    path("study/<slug:slug>/values-card/", values_cards.values_card, name="values_card"),
    path("study/<slug:slug>/values-card/ready/", values_cards.card_ready, name="card_ready"),
]
