"""The addresses of what participants get back, under a study's own."""

from django.urls import path

from moralgraph.views import feedback

app_name = "feedback"
urlpatterns = [
    path("result/", feedback.result, name="result"),
    path("result/card/", feedback.card, name="card"),
    path("result/place/", feedback.place, name="place"),
    path("result/ask/", feedback.ask, name="ask"),
]
