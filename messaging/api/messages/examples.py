"""Requests that work when tried in the documentation."""

CREATE = {
    "One message, in a conversation of its own": {
        "content": {"content": "Hello, is the shop open on Sunday?", "sender_id": "customer-7"}
    },
    "Imported history with a tool call": {
        "content": [
            {
                "role": "user",
                "sender_id": "customer-7",
                "content": "Where is order 1042?",
                "created_at": "2026-05-04T09:00:00Z",
            },
            {
                "role": "assistant",
                "sender_id": "customer-7",
                "content": "",
                "created_at": "2026-05-04T09:00:02Z",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "find_order", "arguments": '{"number": 1042}'},
                    }
                ],
            },
            {
                "role": "tool",
                "sender_id": "customer-7",
                "content": '{"status": "shipped"}',
                "created_at": "2026-05-04T09:00:03Z",
                "meta_data": {"tool_call_id": "call_1", "name": "find_order"},
            },
        ]
    },
}

UPDATE = {"Correct the text and tag it": {"content": "Where is order 1043?", "tags": ["corrected"]}}
