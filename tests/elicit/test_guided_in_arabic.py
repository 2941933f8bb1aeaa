"""The guided interview in Arabic hears and drafts as it does in English."""

import pytest

from elicit.guided import InterviewIsOver, Said, check_card, draft_card, hears_distress, is_over, next_question
from elicit.guided.drafting import CardDraft
from elicit.guided.privacy import address_in, name_in
from elicit.guided.reading import Reading
from elicit.guided.said import Answer
from elicit.guided.script import words_for
from elicit.simulation import load_personas

SITUATION = "يكتب إنسان في الليل ولا يطلب شيئًا."
ARABIC = [persona for persona in load_personas() if persona.language == "ar"]
DANGER = [
    "أريد أن أموت", "وأريد فقط أن أموت وأرتاح", "لا أريد أن أعيش", "لم أعد أريد الحياة", "أفكر في الانتحار",
    "حاولت الانتحار العام الماضي", "أريد إنهاء حياتي", "اؤذي نفسي كل ليلة", "بدي موت", "مش عايز أعيش", "نفسي أموت",
    "الجميع أفضل من دوني", "يا ليتني لم أولد", "زوجي يضربني", "لا معنى لحياتي", "بلعت علبة حبوب",
    "أنا لا أعرف ماذا أفعل أريد الموت",
]  # fmt: skip
NO_DANGER = [
    "كدت أموت من الضحك", "كنت أقتل الوقت", "لا أريد أن أموت", "مات جدي العام الماضي", "أريد أن أعيش في القرية",
    "قالت: «أريد أن أموت» ثم ضحكت", "لم أعد أقدر على العمل", "لا معنى لهذه القاعدة", "جرحت نفسي في المطبخ",
]  # fmt: skip


def reading(text: str) -> Reading:
    return Reading(Answer(0, "story", text), words_for("ar"))


def talk(answers: dict[str, str], *, seed: int = 3) -> list[Said]:
    history: list[Said] = []
    while not is_over(history):
        turn = next_question(history, question=SITUATION, language="ar", seed=seed)
        history.append(Said("interviewer", turn.text, turn.stage))
        history.append(Said("participant", answers.get(turn.stage, "لا أعرف"), turn.stage))
    return history


def card(*policies: str, title: str = "البقاء قريبًا") -> CardDraft:
    return CardDraft(title, "أبقى قريبًا.", policies, ())


def codes(*policies: str) -> set[str]:
    return {warning.code for warning in check_card(card(*policies), language="ar")}


@pytest.mark.parametrize("text", DANGER)
def test_danger_is_heard(text: str):
    assert hears_distress(text, language="ar")


@pytest.mark.parametrize("text", NO_DANGER)
def test_figures_of_speech_and_other_peoples_words_are_let_pass(text: str):
    assert not hears_distress(text, language="ar")


@pytest.mark.parametrize("persona", ARABIC, ids=lambda persona: persona.label)
def test_a_talk_leads_to_a_card_of_the_persons_own_words(persona):
    history = talk(persona.words)
    draft = draft_card(history, language="ar")
    said = [turn.text for turn in history if turn.author == "participant"]
    assert 3 <= len(draft.policies) <= 7
    assert draft.title == persona.words["check"]
    for evidence in draft.evidence:
        assert evidence
        assert all(said[quote.answer][quote.start : quote.end] == quote.quote for quote in evidence)


@pytest.mark.parametrize("persona", ARABIC, ids=lambda persona: persona.label)
def test_every_question_is_in_arabic_and_none_is_asked_twice(persona):
    asked = [turn.text for turn in talk(persona.words) if turn.author == "interviewer"]
    assert len(set(asked)) == len(asked)
    assert not any(letter.isascii() and letter.isalpha() for text in asked for letter in text)


def test_after_the_name_of_the_card_nothing_more_is_asked():
    with pytest.raises(InterviewIsOver):
        next_question(talk(ARABIC[0].words), question=SITUATION, language="ar")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("هل أنت إنسان؟", "human"),
        ("من سيقرأ هذا الكلام؟", "reader"),
        ("كم سؤالًا بقي؟", "length"),
        ("ليش؟", "why"),
        ("لم أفهم السؤال", "meaning"),
        ("سبق أن قلت ذلك", "repetitive"),
        ("كفى أسئلة، أروني بطاقتي", "stop"),
        ("يكفي!", "stop_word"),
        ("مملة", "tired_word"),
        ("السلام عليكم", "greeting"),
    ],
)
def test_talk_to_the_interviewer_itself_is_answered(text: str, reply: str):
    assert [name for name, _ in reading(text).talk] == [reply]


@pytest.mark.parametrize("text", ["كان كلامه مملا ولا يكفي لمن يتألم", "شعرت أن الأمر بلا فائدة"])
def test_words_of_a_story_are_no_talk_to_the_interviewer(text: str):
    assert reading(text).talk == []


@pytest.mark.parametrize("text", ["لا أعرف", "لا ادري حقا", "أفضل عدم الاجابه", "مش عارفة", "تجاوز"])
def test_a_refusal_is_heard_however_it_is_spelled(text: str):
    assert reading(text).is_refused


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("يجب على الناس أن يصغوا بعضهم لبعض دائما", "rule"),
        ("كنت خائفة جدًا من أن أقول لها الحقيقة", "fear"),
        ("والخوف كان يملأ قلبي كله تلك الليلة", "fear"),
        ("شعرت بالذنب لأني لم أتصل به", "shame"),
        ("المفروض أن نزور المريض هكذا تربينا كلنا", "norm"),
        ("أريد أن أحقق له حلا سريعا لكي يتمكن من النوم", "goal"),
    ],
)
def test_what_lies_on_the_way_to_a_source_of_meaning_is_heard(text: str, kind: str):
    assert kind in [pointer.kind for pointer in reading(text).pointers]


def test_a_big_word_is_given_back_without_what_is_joined_to_its_front():
    assert reading("بالصدق").slogan == "صدق"


def test_somebody_in_a_story_is_named_without_their_gender_being_guessed():
    assert reading("كانت هناك جدتي. جدتي سألته ماذا أكل اليوم.").person == "جدّتكم"


def test_the_advice_hears_rules_big_words_and_names():
    assert "rule" in codes("يجب أن يصغي قبل الكلام", "علامات على التعب", "لحظات الصمت الطويل")
    assert "slogan" in codes("الصدق", "علامات على التعب", "لحظات الصمت الطويل")
    assert "name" in codes("لحظات يكون فيها صديقي محمد صامتًا", "علامات على التعب", "أسئلة عن يومه")


def test_a_line_that_opens_with_something_to_be_seen_needs_no_advice():
    assert codes("علامات على التعب", "السطور التي تشبه صاحبها", "نظرات تطلب البقاء") == set()


@pytest.mark.parametrize("text", ["الدكتور كان لطيفًا", "اسمه الحقيقي", "على الأرض السلام", "مسار طويل"])
def test_ordinary_words_are_no_names(text: str):
    assert name_in(text, words_for("ar")) == ""


def test_a_street_with_its_number_is_an_address():
    assert address_in("شارع النيل رقم 12", words_for("ar"))
