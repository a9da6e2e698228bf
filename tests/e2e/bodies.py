"""Bodies that cost as much as any can, for every operation that takes lists, long texts or data."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.e2e.tenant import CONVERSATIONS, MESSAGES

__all__ = ["OPENAI", "REFUSED", "TAKEN", "Sent"]

OPENAI = "/openai/v1"
MEMORIES = "/api/v1/memories"
FROM_MESSAGES = f"{MEMORIES}/from_messages"
TRANSCRIPT = CONVERSATIONS + "/{{conversation}}/transcript?format={}&mode={}"
ITEMS = OPENAI + "/conversations/{conversation}/items"
THREADS = f"{OPENAI}/threads"
FEEDBACK = MESSAGES + "/{message}/feedback"
FORK = CONVERSATIONS + "/{conversation}/fork"
MODES = ("append", "reconcile")


@dataclass(frozen=True)
class Sent:
    """A body, and where it is sent: a path with `{conversation}` and `{message}`."""

    path: str
    body: Callable[[], bytes]


@dataclass(frozen=True)
class Words:
    """How a format of transcripts says a turn of blocks, a text, an image, and a call with its result."""

    key: str
    turn: str
    text: str
    image: str
    called: str

    def body(self, turns: str) -> bytes:
        return f'{{"{self.key}":[{turns}]}}'.encode()

    def said(self, *texts: str) -> str:
        """Turns that say a text each."""
        return ",".join(self.turn % (self.text % json.dumps(text, ensure_ascii=False)) for text in texts)


def message(**fields: str) -> bytes:
    """A create of one message, from fields as JSON."""
    members = ",".join(f'"{name}":{text}' for name, text in ({"content": '"x"'} | fields).items())
    return b'{"content":{%s}}' % members.encode()


def items(item: str, count: int) -> str:
    return f"[{','.join([item] * count)}]"


def keys(count: int) -> str:
    return "{" + ",".join(f'"k{number}":0' for number in range(count)) + "}"


def data(values: str) -> bytes:
    """A message with these as its data."""
    return message(meta_data=f'{{"x":{values}}}')


def messages(text: str, count: int) -> bytes:
    return b'{"content":%s}' % items(text, count).encode()


WRONG = '{"content":0,"role":0,"tags":[0,0,0,0],"tool_calls":[0,0,0,0],"attachments":[0,0,0]}'
TAGS = json.dumps([f"t{number}" for number in range(100)])
LARGE = f'{{"content":"x","tags":{TAGS},"meta_data":{keys(100)}}}'
ACCENTS = "a" + "\u0327\u0301" * 2_400_000
REFUSED_MESSAGES: dict[str, Callable[[], bytes]] = {
    "3 million empty messages": lambda: messages("{}", 3_000_000),
    "195 KiB of zeros": lambda: messages("0", 100_000),
    "messages that are wrong in every field": lambda: messages(WRONG, 1_000),
    "a message that is wrong a thousand times": lambda: message(tool_calls=items("0", 1_000)),
    "deep arrays": lambda: b"[" * 10_000_000,
    "deep objects": lambda: b'{"a":' * 2_000_000,
    "10 MB of small numbers": lambda: data(items("0", 4_900_000)),
    "10 MB of short texts": lambda: data(items('"ab"', 1_900_000)),
    "10 MB of fractions": lambda: data(items("1.5", 2_400_000)),
    "small objects": lambda: data(items('{"a":0}', 1_200_000)),
    "800,000 keys": lambda: message(meta_data=keys(800_000)),
    "a million tags": lambda: message(tags=items('"tag"', 1_000_000)),
    "quotes without an end": lambda: b'{"content":"' + b'\\"' * 4_900_000,
    "no JSON at all": lambda: b"x" * 10_000_000,
}
TAKEN_MESSAGES: dict[str, Callable[[], bytes]] = {
    "one long text": lambda: message(content=json.dumps("x y " * 2_450_000)),
    "one long text of umlauts": lambda: message(content=json.dumps("ü " * 3_250_000, ensure_ascii=False)),
    "one long text of accents": lambda: message(content=json.dumps(ACCENTS, ensure_ascii=False)),
    "escaped quotes": lambda: message(content='"' + '\\"' * 4_900_000 + '"'),
    "as many values as there may be": lambda: data(items("0." + "123456789" * 4, 249_000)),
    "a thousand messages of many keys and tags": lambda: messages(LARGE, 1_000),
}
TURN, TURN_OF_PARTS = '{"role":"user","content":[%s]}', '{"role":"user","parts":[%s]}'
TEXT = '{"type":"text","text":%s}'
FORMATS = {
    "openai": Words(
        "messages",
        TURN,
        TEXT,
        '{"type":"image_url","image_url":{"url":"data:image/png;base64,%s"}}',
        '{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":%s}}]},'
        '{"role":"tool","tool_call_id":"c","content":"ok"}',
    ),
    "responses": Words(
        "input",
        TURN,
        '{"type":"input_text","text":%s}',
        '{"type":"input_image","image_url":"data:image/png;base64,%s"}',
        '{"type":"function_call","call_id":"c","name":"f","arguments":%s},'
        '{"type":"function_call_output","call_id":"c","output":"ok"}',
    ),
    "anthropic": Words(
        "messages",
        TURN,
        TEXT,
        '{"type":"image","source":{"type":"base64","media_type":"image/png","data":"%s"}}',
        '{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{"a":%s}}]},'
        '{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"ok"}]}',
    ),
    "gemini": Words(
        "contents",
        TURN_OF_PARTS,
        '{"text":%s}',
        '{"inlineData":{"mimeType":"image/png","data":"%s"}}',
        '{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":%s}}}]},'
        '{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"ok"}}}]}',
    ),
    "ui": Words(
        "messages",
        '{"id":"1","role":"user","parts":[%s]}',
        TEXT,
        '{"type":"file","mediaType":"image/png","url":"data:image/png;base64,%s"}',
        '{"id":"1","role":"assistant","parts":[{"type":"tool-f","toolCallId":"c","state":"output-available",'
        '"input":{"a":%s},"output":"ok"}]}',
    ),
    "otel": Words(
        "messages",
        TURN_OF_PARTS,
        '{"type":"text","content":%s}',
        '{"type":"blob","modality":"image","mime_type":"image/png","content":"%s"}',
        '{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"f","arguments":{"a":%s}}]},'
        '{"role":"tool","parts":[{"type":"tool_call_response","id":"c","response":"ok"}]}',
    ),
}
LISTS = {
    FROM_MESSAGES: '{"user_id":"u","messages":[%s]}',
    MEMORIES: '{"user_id":"u","memory":"x","topics":[%s]}',
    f"{OPENAI}/conversations": '{"items":[%s]}',
    ITEMS: '{"items":[%s]}',
    THREADS: '{"messages":[%s]}',
    f"{THREADS}/runs": '{"assistant_id":"a","thread":{"messages":[%s]}}',
    THREADS + "/{conversation}/runs": '{"assistant_id":"a","additional_messages":[%s]}',
}
"""Bodies around their longest list."""
OBJECTS = ("[{}", ",{}", 3_200_000, "]")
"""JSON within a text: as every long text here it is made when it is sent, of a beginning, of something that
repeats, how often, and of an end."""
Long = tuple[str, str, int, str]
ITEMS_TAKEN: dict[str, tuple[str, Long]] = {
    "a long text": ('{"type":"message","role":"user","content":"%s"}', ("", "x y ", 2_450_000, "")),
    "an item of many values": ('{"type":"odd","a":[%s]}', ("0", ",0", 245_000, "")),
    "arguments of objects": ('{"type":"function_call","call_id":"c","name":"f","arguments":"%s"}', OBJECTS),
    "an output of objects": ('{"type":"function_call_output","call_id":"c","output":"%s"}', OBJECTS),
    "a long image": (
        '{"type":"image_generation_call","status":"completed","result":"%s"}',
        ("", "A", 9_700_000, ""),
    ),
}
DRAWN_FROM: dict[str, Long] = {
    "names": ("", "My name is Ada. ", 600_000, ""),
    "accents": ("a", "\u0327\u0301", 2_400_000, ""),
    "spaces": ("I like", " ", 9_800_000, "tea"),
}
TEXTS: dict[str, tuple[Long, bool]] = {
    "640,000 blocks": (("", "[user]\nx\n\n", 640_000, ""), False),
    "490,000 blocks of one turn": (("", "[assistant thinks]\n", 490_000, ""), False),
    "a head without an end": (("[user", " a", 4_900_000, ""), False),
    "newlines": (("[user]\n", "\n", 4_900_000, ""), True),
    "brackets": (("[user]\n", "[", 9_900_000, ""), True),
}


def of_format(words: Words) -> Iterator[tuple[str, Callable[[], bytes], bool]]:
    """(name, body, whether it is taken)."""
    block = words.text % '"a"'
    yield "3 million empty turns", lambda: words.body(",".join(["{}"] * 3_000_000)), False
    yield "240,000 keys", lambda: words.body(keys(240_000)), False
    yield "60,000 blocks", lambda: words.body(words.turn % ",".join([block] * 60_000)), False
    yield "60 blocks a turn", lambda: words.body(",".join([words.turn % ",".join([block] * 60)] * 990)), False
    yield "a long text", lambda: words.body(words.said("x y " * 2_450_000)), True
    yield "a thousand texts", lambda: words.body(words.said(*["x y " * 2_400] * 990)), True
    yield "a long image", lambda: words.body(words.turn % (words.image % ("A" * 9_700_000))), True
    calls = words.called % json.dumps("x" * 14_000)
    yield "490 calls", lambda: words.body(",".join([words.said("x"), *[calls] * 490])), True
    yield (
        "arguments of objects",
        lambda: words.body(f"{words.said('x')},{words.called % quoted(OBJECTS)}"),
        True,
    )


def of_messages() -> Iterator[tuple[str, Sent, bool]]:
    for is_taken, bodies in ((False, REFUSED_MESSAGES), (True, TAKEN_MESSAGES)):
        yield from ((name, Sent(MESSAGES, body), is_taken) for name, body in bodies.items())


def of_transcripts() -> Iterator[tuple[str, Sent, bool]]:
    for mode in MODES:
        for name, words in FORMATS.items():
            for what, body, is_taken in of_format(words):
                if is_taken or mode == "append":  # both read alike
                    yield f"{name}, {mode}: {what}", Sent(TRANSCRIPT.format(name, mode), body), is_taken
        for what, (text, is_taken) in TEXTS.items():
            sent = Sent(TRANSCRIPT.format("text", mode), partial(filled, '{"text":"%s"}', text))
            yield f"text, {mode}: {what}", sent, is_taken


def of_others() -> Iterator[tuple[str, Sent, bool]]:
    for path, around in LISTS.items():
        for count in (3_000_000, 120_000, 1_000):
            yield f"{path}: {count:,} empty items", Sent(path, partial(repeated, around, "{}", count)), False
    for what, (item, text) in ITEMS_TAKEN.items():
        around = LISTS[ITEMS] % item
        yield f"items: {what}", Sent(ITEMS, partial(filled, around, text)), True
    for what, text in DRAWN_FROM.items():
        around = LISTS[FROM_MESSAGES] % '{"role":"user","content":"%s"}'
        yield f"memories from {what}", Sent(FROM_MESSAGES, partial(filled, around, text)), True
    parts = TURN % ",".join([TEXT % '"a"'] * 60)
    yield "messages of 60 parts", Sent(THREADS, partial(repeated, LISTS[THREADS], parts, 1_000)), False
    files = '{"role":"user","content":"x","attachments":[{}%s]}' % (',{"file_id":"f"}' * 99)
    yield "messages of 100 files", Sent(THREADS, partial(repeated, LISTS[THREADS], files, 1_000)), False
    long: Long = ("", "x ", 4_900_000, "")
    yield "a long comment", Sent(FEEDBACK, partial(filled, '{"value":true,"comment":"%s"}', long)), True
    yield "many digits", Sent(FEEDBACK, partial(filled, '{"value":%s}', ("", "9", 9_900_000, ""))), False
    yield "a fork of many keys", Sent(FORK, lambda: keys(240_000).encode()), True
    yield "a fork with a long title", Sent(FORK, partial(filled, '{"title":"%s"}', long)), False


def written_out(text: Long) -> str:
    beginning, again, count, end = text
    return beginning + again * count + end


def quoted(text: Long) -> str:
    """The text in JSON."""
    return json.dumps(written_out(text), ensure_ascii=False)


def filled(around: str, text: Long) -> bytes:
    """A body with this text in it, in the quotes that stand there."""
    return (around % quoted(text)[1:-1]).encode()


def repeated(around: str, item: str, count: int) -> bytes:
    """A body whose list has this item so often."""
    return (around % ",".join([item] * count)).encode()


BODIES = [*of_messages(), *of_transcripts(), *of_others()]
REFUSED = {name: sent for name, sent, is_taken in BODIES if not is_taken}
TAKEN = {name: sent for name, sent, is_taken in BODIES if is_taken}
