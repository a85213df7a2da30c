from django.urls import path

from contracts.views import (
    application_steps,
    applications,
    calendar,
    comparison,
    consents,
    contracts,
    notices,
    services,
    terms,
    timelines,
    what_if,
)
from contracts.views.requests import applications as sent_applications
from contracts.views.requests import files, new, sent

app_name = "contracts"

urlpatterns = [
    path("services/", services.service_list, name="service-list"),
    path("services/<slug:slug>/", services.service_detail, name="service-detail"),
    path("services/<slug:slug>/terms/", terms.history, name="terms-history"),
    path("services/<slug:slug>/terms/<str:version>/", terms.version_detail, name="terms-version"),
    path("services/<slug:slug>/terms/<str:version>/consent/", consents.renewal, name="consent-renewal"),
    path("services/<slug:slug>/compare/", comparison.compare, name="terms-compare"),
    path("services/<slug:slug>/as-of/", terms.as_of, name="terms-as-of"),
    path("services/<slug:slug>/apply/", application_steps.begin, name="application-new"),
    path("services/<slug:slug>/apply/confirm/", applications.confirm, name="application-confirm"),
    path("services/<slug:slug>/apply/estimate/", application_steps.estimate, name="application-estimate"),
    path("services/<slug:slug>/apply/discard/", application_steps.discard, name="application-discard"),
    path("services/<slug:slug>/apply/steps/<slug:key>/", application_steps.step, name="application-step"),
    path("applications/<str:number>/", applications.detail, name="application-detail"),
    path("applications/<str:number>/documents/", sent_applications.documents, name="application-documents"),
    path("applications/<str:number>/questions/", sent_applications.questions, name="application-questions"),
    path("applications/<str:number>/withdraw/", sent_applications.withdraw, name="application-withdraw"),
    path("applications/<str:number>/pdf/", applications.pdf, name="application-pdf"),
    path("contracts/", contracts.contract_list, name="contract-list"),
    path("contracts/<str:number>/", contracts.contract_detail, name="contract-detail"),
    path("contracts/<str:number>/what-if/", what_if.what_if, name="contract-what-if"),
    path("contracts/<str:number>/timeline/", timelines.contract_timeline, name="contract-timeline"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/address/", calendar.change_address, name="calendar-address"),
    path("calendar/provider/<str:code>/", calendar.provider_calendar, name="calendar-provider"),
    path("calendar/<str:token>.ics", calendar.calendar_feed, name="calendar-feed"),
    path("calendar.ics", calendar.calendar_file, name="calendar-file"),
    path("contracts/<str:number>/requests/new/<str:kind>/", new.new, name="contract-request-new"),
    path("requests/<str:number>/", sent.detail, name="contract-request-detail"),
    path("requests/<str:number>/withdraw/", sent.withdraw, name="contract-request-withdraw"),
    path("documents/<int:pk>/", files.document, name="contract-document"),
    path("letters/<str:number>/", files.letter, name="contract-letter"),
    path("terms/", terms.terms_list, name="terms-list"),
    path("consents/<int:sequence>/certificate/", consents.consent_certificate, name="consent-certificate"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/public/", notices.public_list, name="public-notice-list"),
    path("notices/public/<int:pk>/", notices.public_detail, name="public-notice-detail"),
    path("notices/<int:pk>/", notices.notice_detail, name="notice-detail"),
]
