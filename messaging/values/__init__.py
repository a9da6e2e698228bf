"""What a value may be: JSON, text, times, ids. The lowest floor: nothing here knows a table or a request."""
