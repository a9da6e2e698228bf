"""Requests that work when tried in the documentation."""

CREATE = {"A run of your agent": {"agent_id": "support-agent", "metadata": {"release": "7"}}}

MESSAGE = {
    "Text": {"role": "assistant", "content": "Let me look."},
    "A tool call": {
        "role": "assistant",
        "parts": [
            {"type": "reasoning", "text": "The number is given, so the order can be found."},
            {
                "type": "tool-call",
                "tool_name": "find_order",
                "tool_call_id": "call_1",
                "args": {"number": 1042},
            },
        ],
    },
    "Its result": {
        "role": "tool",
        "parts": [
            {
                "type": "tool-result",
                "tool_name": "find_order",
                "tool_call_id": "call_1",
                "output": {"status": "shipped"},
            }
        ],
    },
}

UPDATE = {
    "End the run": {
        "status": "completed",
        "usage": {"prompt_tokens": 310, "completion_tokens": 42, "total_tokens": 352},
    }
}
