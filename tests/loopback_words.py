"""What the loopback server says: an interviewer's sentence with one question, or an object that fits a schema.

Rule: the same request gets the same words.
"""

import re
from typing import Any

OPENINGS = (
    "Thank you for telling me that; I would like to stay with it for a moment.",
    "That helps me to see where you stood, and what you were looking at.",
    "I hear that this was not a small thing for you.",
    "What you describe has several sides, and you noticed more than one of them.",
)
FILLING = (
    "You chose one thing over another, although both would have been possible.",
    "People often pass over such a moment quickly, and you did not.",
    "There seems to be something there that you would know again if you met it.",
    "You spoke of what you did; beneath it lies what you were paying attention to.",
    "I am a program and was not there, so your own words count.",
)
QUESTIONS = (
    "When it went well, what exactly did you notice in the other person or in yourself?",
    "If you picture that hour again, what drew your attention first?",
    "What would have been missing if you had looked past it?",
    "How would you tell somebody else what to look out for in such a moment?",
)
POLICIES = (
    "Moments when somebody stops and looks again",
    "Silences that leave room for what is hard to say",
    "Signs that a person has begun to trust their own view",
    "Questions that come back although nobody repeats them",
    "Hours in which nothing has to be finished",
)
DATA = re.compile(r"\[data (\w+)\]\n(.*?)\n\[end of data \1\]", re.DOTALL)
ANSWERED = re.compile(r"The person answered[^\n]*\n\[data (\w+)\]\n(.*?)\n\[end of data \1\]", re.DOTALL)
SENTENCE = re.compile(r"[^.!?\n]{12,160}")


def question_of(body: dict[str, Any], *, tokens: int) -> str:
    """Return about so many words that end in the only question mark."""
    number = sum(len(str(message.get("content", ""))) for message in body.get("messages", []))
    question = QUESTIONS[number % len(QUESTIONS)]
    words = OPENINGS[number % len(OPENINGS)].split()
    place = number
    while len(words) + len(question.split()) < tokens:
        words += FILLING[place % len(FILLING)].split()
        place += 1
    return " ".join([*words, question])


def instance_of(schema: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return a small object that fits the schema. What is called a quote is taken from the words in the request."""
    return _Maker(schema, sentences_in(body)).make(schema, name="")


def sentences_in(body: dict[str, Any]) -> list[str]:
    """Return the sentences of the person's answers, of any data in the request, or else of the user's messages."""
    texts = [str(m.get("content", "")) for m in body.get("messages", []) if m.get("role") == "user"]
    answers = [found.group(2) for text in texts for found in ANSWERED.finditer(text)]
    fenced = answers or [found.group(2) for text in texts for found in DATA.finditer(text)]
    return [line.strip() for text in fenced or texts for line in SENTENCE.findall(text) if line.strip()]


class _Maker:
    def __init__(self, schema: dict[str, Any], sentences: list[str]) -> None:
        self._shared = schema.get("$defs", {})
        self._sentences = sentences or ["what was said"]
        self._taken = 0
        self._in_policies = False

    def make(self, schema: dict[str, Any], *, name: str) -> Any:
        if "$ref" in schema:
            return self.make(self._shared[schema["$ref"].rpartition("/")[2]], name=name)
        if "const" in schema or "enum" in schema:
            return schema.get("const", (schema.get("enum") or [None])[0])
        if options := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            return self.make(options[0], name=name)
        makers = {"object": self._object, "array": self._array, "string": self._string}
        simple = {"integer": int(schema.get("minimum", 1)), "number": float(schema.get("minimum", 1)), "boolean": True}
        kind = schema.get("type", "object")
        return makers[kind](schema, name) if kind in makers else simple.get(kind)

    def _object(self, schema: dict[str, Any], name: str) -> dict[str, Any]:
        return {key: self.make(part, name=key) for key, part in schema.get("properties", {}).items()}

    def _array(self, schema: dict[str, Any], name: str) -> list[Any]:
        wanted = max(schema.get("minItems", 0), 4 if "polic" in name else 1)
        before, self._in_policies = self._in_policies, "polic" in name
        made = [self.make(schema.get("items", {}), name=name) for _ in range(wanted)]
        self._in_policies = before
        return made

    def _string(self, schema: dict[str, Any], name: str) -> str:
        self._taken += 1
        if "quote" in name:
            return self._sentences[self._taken % len(self._sentences)]
        text = POLICIES[self._taken % len(POLICIES)] if self._in_policies else "Staying with what is there"
        return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), ".")
