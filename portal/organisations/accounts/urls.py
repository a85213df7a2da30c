from django.urls import path
from django.views.generic import RedirectView

from portal.organisations.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("email/", views.email_addresses, name="account_email"),
    path("2fa/", views.SecondFactors.as_view(), name="mfa_index"),
    path("2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("sessions/", views.sessions, name="account_sessions"),
    path("sessions/<int:pk>/end/", views.end_one, name="account_end_session"),
    path("sessions/end-others/", views.end_others, name="account_end_other_sessions"),
    path("sign-ins/", views.sign_ins, name="account_sign_ins"),
    path("calendars/<int:pk>/", views.change_calendar, name="account_calendar"),
    path("close/", views.close, name="account_close"),
    path("closed/", views.closed, name="account_closed"),
]
