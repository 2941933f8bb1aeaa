"""The moral graph's addresses, under an organizer's study."""

from django.urls import path

from moralgraph.views import certainty, explorer, proposals, reports, values

app_name = "moralgraph"
urlpatterns = [
    path("contexts/", proposals.overview, name="contexts"),
    path("contexts/add/", proposals.add_context, name="add_context"),
    path("contexts/change/", proposals.change_context, name="change_context"),
    path("contexts/propose/", proposals.propose, name="propose"),
    path("upgrades/add/", proposals.add_upgrade, name="add_upgrade"),
    path("upgrades/change/", proposals.change_upgrade, name="change_upgrade"),
    path("suggestions/decide/", proposals.decide_suggestion, name="decide_suggestion"),
    path("graph/", explorer.graph, name="graph"),
    path("graph/map/", explorer.map_data, name="map"),
    path("graph/sure/", certainty.sure, name="sure"),
    path("graph/compare/", certainty.compare, name="compare"),
    path("graph/build/", explorer.build, name="build"),
    path("graph/download/<slug:form>/", explorer.download, name="download"),
    path("report/", reports.reports, name="reports"),
    path("report/draft/", reports.draft, name="draft_report"),
    path("report/appeals/", reports.appeals, name="appeals"),
    path("report/appeals/<int:number>/", reports.reply, name="answer_appeal"),
    path("report/<int:number>/", reports.preview, name="report_preview"),
    path("report/<int:number>/publish/", reports.publish, name="publish_report"),
    path("report/<int:number>/withdraw/", reports.take_back, name="withdraw_report"),
    path("report/<int:number>/discard/", reports.discard, name="discard_report"),
    path("values/", values.values, name="values"),
    path("values/<int:number>/", values.value, name="value"),
    path("values/versions/", values.versions, name="versions"),
    path("values/versions/restore/", values.restore, name="restore"),
    path("values/reconcile/", values.ask_reconcile, name="reconcile"),
    path("values/correct/", values.correct, name="correct"),
    path("values/undo/", values.undo, name="undo"),
]
