from django.urls import path

from .views import MessageView, OneMessageView, ThreadMessageView

urlpatterns = [
    path("messages", MessageView.as_view()),
    path("messages/<str:pk>", OneMessageView.as_view()),
    path("thread-messages", ThreadMessageView.as_view()),
]
