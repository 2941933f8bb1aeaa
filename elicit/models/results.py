"""What pages of results have shown."""

from django.db import models

from elicit.models.origin import origin_check, origin_field
from elicit.models.studies import Study
from elicit.querysets import rows_of


class ShownNumbers(models.Model):
    """The numbers that one page of results showed last, so that the next view gives nobody away by subtraction.

    Counts and means of ten people or more, and nobody's answers.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="shown_numbers")
    page = models.SlugField(max_length=60)
    origin = origin_field()
    numbers = models.JSONField(default=dict)
    shown_at = models.DateTimeField(auto_now=True)

    objects = rows_of("study")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "page", "origin"], name="shown_numbers_once_a_page"),
            origin_check("shown_numbers_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.page} of {self.study}"
