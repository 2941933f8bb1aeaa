"""The addresses of the survey, the rated conversations and the closing questions, under a study's own."""

from django.urls import path

from elicit.views import conversations, survey

app_name = "steps"
urlpatterns = [
    path("survey/", survey.survey, name="survey"),
    path("survey/draft/", survey.survey_draft, name="survey_draft"),
    path("closing/", survey.closing, name="closing"),
    path("closing/draft/", survey.closing_draft, name="closing_draft"),
    path("conversations/", conversations.conversations, name="conversations"),
    path("conversations/ready/", conversations.answers_ready, name="answers_ready"),
    path("conversations/begin/", conversations.begin_conversation, name="begin_conversation"),
    path("conversations/ask/", conversations.ask_next, name="ask_next"),
    path("conversations/again/", conversations.try_again, name="try_again"),
    path("conversations/rate/", conversations.rate_answers, name="rate_answers"),
    path("conversations/end/", conversations.end_conversation, name="end_conversation"),
]
