"""How rows are read: what is asked for (`listing`), and the one door to the index (`plan`)."""
