"""How items are listed, and what may be asked to come with them."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from messaging.wire.parameters import BranchQuery
from threads.openai.pages import ListQuery

INCLUDABLE = (
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "file_search_call.results",
    "message.input_image.image_url",
    "message.output_text.logprobs",
    "reasoning.encrypted_content",
    "web_search_call.action.sources",
    "web_search_call.results",
)


def _known(values: list[str]) -> list[str]:
    for value in values:
        for name in value.split(","):
            if name.strip() not in INCLUDABLE:
                known = ", ".join(INCLUDABLE)
                raise PydanticCustomError("enum", "Input should be one of: {known}", {"known": known})
    return values


Include = Annotated[list[str], AfterValidator(_known)]
WITH_ALL = "What to include; items come with all that they were sent with in any case"


class IncludeQuery(BaseModel):
    """What the vendor leaves out of items unless it is asked for."""

    # As the vendor's client spells it. In the document it stands once: generators make one name of both.
    include_in_brackets: SkipJsonSchema[Include] = Field([], alias="include[]")
    include: Include = Field([], description=WITH_ALL)


class ItemsQuery(ListQuery, IncludeQuery, BranchQuery):
    """How the items of a conversation are ordered and cut."""
