from django.urls import path

from portal.organisations import views
from portal.organisations.company import views as company

app_name = "organisations"
urlpatterns = [
    path("new/", views.create, name="create"),
    path("address/", views.address_of_code, name="address"),
    path("join/", company.join, name="join"),
    path("joining/", company.joining, name="joining"),
    path("switch/", views.switch, name="switch"),
]
