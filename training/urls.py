"""Datasets and runs, under an organizer's study."""

from django.urls import path

from training.views import datasets, overview, runs

app_name = "training"
urlpatterns = [
    path("training/", overview.overview, name="overview"),
    path("training/freeze/", overview.freeze, name="freeze"),
    path("training/targets/<int:version>/", overview.target_file, name="target_file"),
    path("training/datasets/new/", overview.build_dataset, name="build_dataset"),
    path("training/datasets/<int:number>/", datasets.dataset, name="dataset"),
    path("training/runs/new/", overview.start_run, name="start_run"),
    path("training/runs/<int:number>/", runs.run, name="run"),
    path("training/runs/<int:number>/progress/", runs.run_progress, name="run_progress"),
    path("training/runs/<int:number>/cancel/", runs.cancel, name="cancel_run"),
    path("training/runs/<int:number>/model-card/", runs.model_card, name="model_card"),
]
