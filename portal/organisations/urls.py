from django.urls import path

from portal.organisations import views

app_name = "organisations"
urlpatterns = [
    path("new/", views.create, name="create"),
    path("address/", views.address_of_code, name="address"),
    path("switch/", views.switch, name="switch"),
]
