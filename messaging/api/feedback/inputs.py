"""What the feedback operations take."""

from typing import Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from messaging.services.feedback import NAME
from messaging.values.choices import FeedbackType
from messaging.values.types import SomeText255, Text255
from messaging.wire.shapes import Body

Score = bool | float | str


class FeedbackCreate(Body):
    """What somebody thinks of a message."""

    examples = {
        "A thumb up": {"value": True, "user_id": "customer-7"},
        "A score of an evaluator, and why": {
            "name": "helpfulness",
            "score": 0.75,
            "comment": "Answers the question, but not when",
        },
        "A category": {"name": "topic", "value": "delivery"},
    }

    value: Score | None = Field(None, description="A truth value, a number, a category or a text")
    score: Score | None = Field(None, description="The same under another name; one of the two is given")
    name: SomeText255 = Field(NAME, description="What is rated")
    data_type: FeedbackType | None = Field(
        None, description="That of the value if not given: a text of up to 255 characters is a category"
    )
    comment: str | None = Field(None, description="Why")
    user_id: Text255 | None = Field(
        None, description="Who thinks so, the end user of the request if not given: each has one of a name"
    )

    @model_validator(mode="after")
    def _one_value(self) -> Self:
        if self.value is not None and self.score is not None:
            raise PydanticCustomError("value_twice", "Give value or score: they are two names of one thing")
        if self.value is None and self.score is None:
            raise PydanticCustomError("value_missing", "One of value and score is needed")
        return self

    def fields(self) -> dict[str, Any]:
        """What the service takes."""
        value = self.score if self.value is None else self.value
        others = ("name", "data_type", "comment", "user_id")
        return {"value": value} | {name: getattr(self, name) for name in others}
