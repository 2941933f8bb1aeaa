"""Pages that belong to nobody's study: the front page, health and the style guide."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what the site is and where each visitor goes."""
    return render(request, "home.html")


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer once the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@require_safe
def style_guide(request: HttpRequest) -> HttpResponse:
    """Show every component in every state, in DEBUG alone."""
    return render(request, "style_guide.html")
