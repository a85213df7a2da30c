from django.urls import path

from portal.imprint import views

app_name = "imprint"
urlpatterns = [
    path("<slug:kind>/", views.text, name="text"),
    path("<slug:kind>/<int:version>/", views.text, name="version"),
]
