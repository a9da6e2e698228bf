"""Forms, their fields, and the refusals of the services shown on them."""
