"""An organizer's addresses."""

from django.urls import path

from elicit.views.organizer import (
    cards,
    design,
    downloads,
    links,
    money,
    people,
    preview,
    quality,
    rated_results,
    results,
    studies,
)

app_name = "organizer"
urlpatterns = [
    path("", studies.studies, name="studies"),
    path("<slug:slug>/", studies.study, name="study"),
    path("<slug:slug>/progress/", studies.study_progress, name="study_progress"),
    path("<slug:slug>/state/", studies.change_state, name="change_state"),
    path("<slug:slug>/jobs/retry/", studies.retry_work, name="retry_work"),
    path("<slug:slug>/preview/", preview.preview, name="preview"),
    path("<slug:slug>/participants/", people.participants, name="participants"),
    path("<slug:slug>/participants/<slug:code>/", people.participant, name="participant"),
    path("<slug:slug>/participants/<slug:code>/transcript/", people.transcript, name="transcript"),
    path("<slug:slug>/participants/<slug:code>/exclude/", people.exclude_participant, name="exclude"),
    path("<slug:slug>/participants/<slug:code>/include/", people.include_participant, name="include"),
    path("<slug:slug>/participants/<slug:code>/link/", people.renew_link, name="renew_link"),
    path("<slug:slug>/links/", links.links, name="links"),
    path("<slug:slug>/links/personal/", links.new_links, name="new_links"),
    path("<slug:slug>/links/personal/file/", links.links_file, name="links_file"),
    path("<slug:slug>/links/study/", links.new_study_link, name="new_study_link"),
    path("<slug:slug>/links/revoke/", links.revoke, name="revoke_link"),
    path("<slug:slug>/cards/", cards.cards, name="cards"),
    path("<slug:slug>/cards/decide/", cards.decide, name="decide_card"),
    path("<slug:slug>/design/", design.design, name="design"),
    path("<slug:slug>/design/<int:version>/changes/", design.changes, name="design_changes"),
    path("<slug:slug>/design/<int:version>/<slug:form>/", design.design_file, name="design_file"),
    path("<slug:slug>/money/", money.money, name="money"),
    path("<slug:slug>/money/ledger.csv", money.ledger_file, name="ledger_file"),
    path("<slug:slug>/results/", results.results, name="results"),
    path("<slug:slug>/results/models/", rated_results.model_results, name="model_results"),
    path("<slug:slug>/results/groups/", rated_results.group_results, name="group_results"),
    path("<slug:slug>/results/quality/", quality.quality, name="quality"),
    path("<slug:slug>/results/missing/", results.missing, name="missing"),
    path("<slug:slug>/results/pay/", results.pay, name="pay"),
    path("<slug:slug>/data/", downloads.data, name="data"),
    path("<slug:slug>/data/all.zip", downloads.download, name="download"),
]
