"""What every template may rely on."""

from django.http import HttpRequest

SITE_NAME = "Wellspring"


def site(request: HttpRequest) -> dict[str, str]:
    """Return the site's name."""
    return {"site_name": SITE_NAME}
