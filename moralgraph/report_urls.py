"""The addresses of public reports. They are stable: whoever cites one finds it, or why it is gone."""

from django.urls import path

from moralgraph.views import public_reports

app_name = "reports"
urlpatterns = [
    path("<slug:slug>/", public_reports.newest, name="newest"),
    path("<slug:slug>/<int:number>/", public_reports.numbered, name="report"),
    path("<slug:slug>/<int:number>/files/<slug:form>/", public_reports.file, name="file"),
    path("<slug:slug>/<int:number>/figures/<slug:name>/", public_reports.figure, name="figure"),
]
