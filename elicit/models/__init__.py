"""What participants tell us, and who may see it. One module a subject; import from here."""

from elicit.models.answers import ReleaseRecord, SurveyAnswer
from elicit.models.consent import ConsentGrant
from elicit.models.conversations import Conversation, ConversationFeedback, Exchange, Utterance
from elicit.models.interviews import Interview, Message, MessageRevision, Turn, TurnChunk
from elicit.models.jobs import Job
from elicit.models.ledger import LlmCall, SpendLease
from elicit.models.origin import Origin
from elicit.models.participants import EntryLink, PanelIdentity, Participant, StepProgress, StudyLink
from elicit.models.results import ShownNumbers
from elicit.models.studies import Membership, Question, Study, StudyVersion
from elicit.models.values_cards import ValuesCard

__all__ = [
    "ConsentGrant", "Conversation", "ConversationFeedback", "EntryLink", "Exchange", "Interview", "Job", "LlmCall",
    "Membership", "Message", "MessageRevision", "Origin", "PanelIdentity", "Participant", "Question", "ReleaseRecord",
    "ShownNumbers", "SpendLease", "StepProgress", "Study", "StudyLink", "StudyVersion", "SurveyAnswer", "Turn",
    "TurnChunk", "Utterance", "ValuesCard",
]  # fmt: skip
