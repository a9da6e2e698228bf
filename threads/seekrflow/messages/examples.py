"""Requests that work when tried in the documentation."""

CREATE = {
    "Text": {"role": "user", "content": "Where is order 1042?", "meta_data": {"channel": "web"}},
    "Text and an image": {
        "role": "user",
        "content": [
            {"type": "input_text", "text": "What is in this picture?"},
            {"type": "input_image", "detail": "auto", "image_url": "https://example.com/parcel.png"},
        ],
    },
}

UPDATE = {"Correct the text": {"content": "Where is order 1043?", "meta_data": {"corrected": True}}}
