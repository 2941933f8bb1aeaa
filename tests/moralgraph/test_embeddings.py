"""Cards compared by the vectors of an embedding model."""

import importlib.util
import json

import pytest

from elicit.errors import LLMError
from elicit.llm.backends import LastingFailure
from elicit.llm.backends.scripted import scripted
from elicit.llm.embedding import check_embedding_model, embed
from elicit.llm.ledger import CallContext
from elicit.models import LlmCall
from elicit.participants import withdraw
from moralgraph.models import CardEmbedding
from moralgraph.reconciliation.batch import reconcile
from tests.make import NOW, make_study
from tests.moralgraph.reconciliation.cards import FAR, NEAR, groups_of, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(settings):
    settings.EMBEDDING_MODEL = "scripted/vectors"
    made = make_study()
    for words, title in ((NEAR[0], "Near"), (FAR, "Far")):
        share(made, words, title=title)
    return made


def vectors(*rows):
    return json.dumps([list(row) for row in rows])


def test_cards_are_together_when_their_vectors_are_near_whatever_their_words(study):
    with scripted(vectors((3, 0.1), (2, 0))):
        partition = reconcile(study, now=NOW)
    assert groups_of(study) == {frozenset({"Near", "Far"})}
    assert (partition.parameters["backend"], partition.parameters["threshold"]) == ("scripted/vectors", 0.9)
    assert LlmCall.objects.get().prompt_name == "embedding"


def test_each_wording_is_embedded_once_and_a_new_one_alone(study):
    with scripted(vectors((1, 0), (0, 1)), vectors((1, 1))) as asked:
        reconcile(study, now=NOW)
        reconcile(study, now=NOW)
        share(study, ["Fires that are kept", "Songs at dusk", "Dogs asleep"], title="New")
        reconcile(study, now=NOW)
    assert [len(request.messages) for request in asked.asked] == [2, 1]
    assert len(groups_of(study)) == 3


def test_a_vector_goes_with_the_author_of_the_words(study):
    with scripted(vectors((1, 0), (0, 1))):
        reconcile(study, now=NOW)
    withdraw(study.values_cards.get(title="Far").participant, now=NOW)
    assert CardEmbedding.objects.count() == 1


def test_a_vector_that_came_after_its_author_had_left_goes_with_the_next_comparison(study):
    CardEmbedding.objects.create(study=study, words_hash="gone", model_name="scripted/vectors", vector=b"\0" * 8)
    with scripted(vectors((1, 0), (0, 1))):
        reconcile(study, now=NOW)
    assert not CardEmbedding.objects.filter(words_hash="gone").exists()


@pytest.mark.parametrize("reply", [vectors((1, 0)), json.dumps([1, 2]), vectors((1, 0), (1,)), LastingFailure("Down.")])
def test_what_are_no_vectors_of_the_texts_changes_nothing(study, reply):
    with scripted(reply), pytest.raises(LLMError):
        reconcile(study, now=NOW)
    assert not study.partitions.exists()
    assert LlmCall.objects.get().outcome == "failed"


def test_a_model_that_makes_no_vectors_is_refused(study, settings):
    settings.EMBEDDING_MODEL = "offline/plain"
    with pytest.raises(LLMError, match="makes no vectors"):
        reconcile(study, now=NOW)


def test_a_name_that_no_model_has_is_said_at_start(settings):
    settings.EMBEDDING_MODEL = "nobody"
    assert [found.id for found in check_embedding_model(None)] == ["elicit.E010"]
    settings.EMBEDDING_MODEL = "local:/models/small"
    assert check_embedding_model(None) == []


def test_a_local_folder_without_the_library_or_a_model_is_named(study, settings, tmp_path):
    settings.EMBEDDING_MODEL = f"local:{tmp_path}"
    missing = "pip install" if importlib.util.find_spec("sentence_transformers") is None else "no sentence-transformers"
    with pytest.raises(LLMError, match=missing):
        list(embed(["words"], call=CallContext(study, "sameness")))


def test_litellm_is_asked_for_vectors_in_order(study, settings, monkeypatch):
    litellm = pytest.importorskip("litellm")
    settings.LLM_MODELS = {"small": {"model": "openai/small", "input_per_million": 0, "output_per_million": 0}}
    settings.EMBEDDING_MODEL = "small"
    rows = [{"index": 1, "embedding": [0.0, 2.0]}, {"index": 0, "embedding": [3.0, 0.0]}]
    usage = litellm.Usage(prompt_tokens=7, total_tokens=7)
    monkeypatch.setattr(litellm, "embedding", lambda **_asked: litellm.EmbeddingResponse(data=rows, usage=usage))
    (found,) = embed(["a", "b"], call=CallContext(study, "sameness"))
    assert found.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert LlmCall.objects.get().input_tokens == 7
