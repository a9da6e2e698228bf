"""The yardstick: the message model behind Django REST framework as its tutorial would put it."""
