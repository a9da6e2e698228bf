from django.urls import path

from .views import MessageView, ThreadMessageView

urlpatterns = [
    path("messages", MessageView.as_view()),
    path("thread-messages", ThreadMessageView.as_view()),
]
