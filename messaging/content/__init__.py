"""What a message can hold."""
