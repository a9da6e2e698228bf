"""The formats, one module each: importing them registers them."""

from .anthropic import Anthropic
from .base import Format
from .gemini import Gemini
from .openai import OpenAI
from .otel import OTel
from .responses import Responses
from .text import PlainText
from .ui import UI

__all__ = ["UI", "Anthropic", "Format", "Gemini", "OTel", "OpenAI", "PlainText", "Responses"]
