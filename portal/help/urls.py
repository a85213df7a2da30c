from django.urls import path

from portal.help import views

app_name = "help"
urlpatterns = [
    path("", views.index, name="index"),
    path("glossary/", views.glossary, name="glossary"),
    path("<slug:key>/", views.page, name="page"),
]
