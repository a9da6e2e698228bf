"""Forms, their fields, and what the services refuse, said on the form."""
