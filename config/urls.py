"""Every address of the site, by app."""

from django.conf import settings
from django.contrib.auth import views as auth
from django.urls import include, path

from elicit.context import SITE_NAME
from elicit.views import front

# Django's view would name the site after the host.
sign_in = auth.LoginView.as_view(redirect_authenticated_user=True, extra_context={"site_name": SITE_NAME})

urlpatterns = [
    path("", front.home, name="home"),
    path("health/", front.health, name="health"),
    path("login/", sign_in, name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("", include("elicit.urls")),
    path("study/<slug:slug>/", include("elicit.step_urls")),
    path("study/<slug:slug>/", include("moralgraph.participant_urls")),
    path("study/<slug:slug>/", include("moralgraph.feedback_urls")),
    path("reports/", include("moralgraph.report_urls")),
    path("organizer/", include("elicit.organizer_urls")),
    path("organizer/<slug:slug>/", include("moralgraph.urls")),
    path("organizer/<slug:slug>/", include("training.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("style/", front.style_guide, name="style_guide"))
