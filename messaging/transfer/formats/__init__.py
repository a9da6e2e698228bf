"""What others and we ourselves export, each read by a module of its own."""
