"""The judgement step's addresses, under a study's own."""

from django.urls import path

from moralgraph.views import judging, suggesting

app_name = "judging"
urlpatterns = [
    path("judgements/", judging.judge, name="judge"),
    path("judgements/<int:number>/", judging.change, name="change"),
    path("judgements/<int:number>/wiser/", suggesting.suggest_wiser, name="suggest"),
]
