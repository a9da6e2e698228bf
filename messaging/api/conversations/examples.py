"""Requests that work when tried in the documentation."""

CREATE = {
    "Empty": {"title": "Opening hours", "user_id": "customer-7"},
    "With its first messages": {
        "title": "Opening hours",
        "user_id": "customer-7",
        "messages": [
            {"role": "user", "content": "Are you open on Sunday?"},
            {"role": "assistant", "content": "Yes, from ten to four."},
        ],
    },
}

UPDATE = {"Rename and end": {"title": "Sunday hours", "status": "ended"}}

MESSAGE = {"A message": {"role": "user", "content": "Thank you!"}}
