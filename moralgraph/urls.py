"""The moral graph's addresses, under an organizer's study."""

from django.urls import path

from moralgraph.views import certainty, explorer

app_name = "moralgraph"
urlpatterns = [
    path("graph/", explorer.graph, name="graph"),
    path("graph/map/", explorer.map_data, name="map"),
    path("graph/sure/", certainty.sure, name="sure"),
    path("graph/compare/", certainty.compare, name="compare"),
    path("graph/build/", explorer.build, name="build"),
    path("graph/download/<slug:form>/", explorer.download, name="download"),
]
