from django.urls import path

from portal.data_protection import views

app_name = "data_protection"
urlpatterns = [
    path("", views.own_data, name="own-data"),
    path("<int:pk>/", views.copy_page, name="copy"),
    path("<int:pk>/file/", views.copy_file, name="copy-file"),
]
