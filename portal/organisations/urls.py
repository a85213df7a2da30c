from django.urls import path

from portal.organisations import views

app_name = "organisations"
urlpatterns = [
    path("new/", views.create, name="create"),
    path("switch/", views.switch, name="switch"),
]
