"""Answer without any model: scripted answerers of the study's own. They cost nothing and answer the same twice."""

from collections.abc import Iterator

from elicit.guided.answerers import UnknownOfflineModel, answer
from elicit.llm.backends import Answer, Ended, LastingFailure, Request, in_pieces


class Offline:
    """Asks an offline answerer."""

    def ask(self, request: Request) -> Answer:
        """Return its answer."""
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        try:
            text = answer(request.model_name, messages, request.seed or 0)
        except UnknownOfflineModel as error:
            raise LastingFailure(str(error)) from error
        return Answer(text=text, input_tokens=0, output_tokens=0)

    def stream(self, request: Request) -> Iterator[str | Ended]:
        """Give its answer word by word."""
        yield from in_pieces(self.ask(request))
