"""What a run says of its model: how it was asked, what it had to fit, what it used."""

from pydantic import BaseModel, ConfigDict, Field

from messaging.values.documents import without_defaults
from messaging.values.types import JSONObject


class ModelSettings(BaseModel):
    """How the model is to be asked."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    temperature: float = Field(1.0, ge=0.0, le=2.0, description="1 if not given")
    top_p: float = Field(1.0, ge=0.0, le=1.0, description="1 if not given")
    frequency_penalty: float = Field(0.0, ge=-2.0, le=2.0, description="0 if not given")
    presence_penalty: float = Field(0.0, ge=-2.0, le=2.0, description="0 if not given")
    max_tokens: int | None = None


class ResponseFormat(BaseModel):
    """The JSON schema that the answer has to fit."""

    json_schema: JSONObject


class RunUsage(BaseModel):
    """Tokens that a run has used."""

    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    total_tokens: int = Field(ge=0)
