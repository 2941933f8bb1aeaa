"""Choose among the places where one model runs, by litellm's Router.

Rule: the router moves between deployments of one model and never to another model; which deployment failed lately it
remembers for as long as the process lives. What it costs, and whether to ask again, is the gateway's.
"""

import functools
from typing import TYPE_CHECKING, Any

from elicit.llm.backends.litellm_backend import _litellm
from elicit.llm.configuration import ConfiguredModel, Deployment

if TYPE_CHECKING:
    from litellm import Router

COOLDOWN_SECONDS = 30.0
MOST_ROUTERS = 64


@functools.lru_cache(maxsize=MOST_ROUTERS)
def router_of(model: ConfiguredModel, keys: tuple[str, ...]) -> "Router":
    """Return the router of a model. A place that fails is left alone for a while, and the next is asked at once."""
    return _router_class()(
        model_list=[_entry(model.name, place, key) for place, key in zip(model.deployments, keys, strict=True)],
        num_retries=0,
        allowed_fails=0,
        cooldown_time=COOLDOWN_SECONDS,
        enable_weighted_failover=True,  # another place of the same model, within the same call
    )


@functools.cache
def _router_class() -> type["Router"]:
    """Return a router that hands a stream over as it is: once it has begun, what happens to it is the gateway's.

    litellm's wrapper would ask again by itself, hides whether the provider counted, and cannot be hung up.
    """

    class BeginningOnly(_litellm().Router):  # type: ignore[name-defined,misc]
        def _completion_streaming_iterator(self, model_response: Any, **kwargs: Any) -> Any:
            return model_response

    return BeginningOnly


def _entry(name: str, place: Deployment, key: str) -> dict[str, Any]:
    where = {"api_base": place.api_base} if place.api_base else {}
    return {"model_name": name, "litellm_params": {"model": place.litellm_model, "api_key": key, **where}}
