from django.urls import path

from contracts.views import (
    agents,
    application_steps,
    applications,
    calendar,
    comparison,
    consents,
    contracts,
    exports,
    inquiries,
    notices,
    origins,
    sent_applications,
    services,
    terms,
    timelines,
    what_if,
)
from contracts.views.company import mails, overview, reports
from contracts.views.desk import applications as desk_applications
from contracts.views.desk import contracts as desk_contracts
from contracts.views.desk import entering as desk_entering
from contracts.views.desk import files as desk_files
from contracts.views.desk import lists as desk_lists
from contracts.views.desk import requests as desk_requests
from contracts.views.requests import change, files, new, sent

app_name = "contracts"

urlpatterns = [
    path("services/", services.service_list, name="service-list"),
    path("services/<slug:slug>/", services.service_detail, name="service-detail"),
    path("services/<slug:slug>/terms/", terms.history, name="terms-history"),
    path("services/<slug:slug>/terms/<str:version>/", terms.version_detail, name="terms-version"),
    path("services/<slug:slug>/terms/<str:version>/consent/", consents.renewal, name="consent-renewal"),
    path(
        "services/<slug:slug>/terms/<str:version>/consent/refuse/", consents.refusal, name="consent-refusal"
    ),
    path("services/<slug:slug>/agents/<slug:agent>/<str:version>/", agents.rules, name="agent-rules"),
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
    path("company/", overview.company, name="company"),
    path("company/edit/", overview.edit, name="company-edit"),
    path("company/mails/", mails.mails, name="company-mails"),
    path("company/move/", reports.move, name="company-move"),
    path("company/name/", reports.rename, name="company-rename"),
    path("company/coming/<int:pk>/drop/", overview.drop, name="company-drop"),
    path("contracts/", contracts.contract_list, name="contract-list"),
    path("contracts/export/", exports.export_contracts, name="contract-list-export"),
    path("contracts/<str:number>/", contracts.contract_detail, name="contract-detail"),
    path("contracts/<str:number>/change/", change.change, name="contract-change"),
    path("contracts/<str:number>/what-if/", what_if.what_if, name="contract-what-if"),
    path("contracts/<str:number>/rules/", origins.contract_rules, name="contract-rules"),
    path("contracts/<str:number>/timeline/", timelines.contract_timeline, name="contract-timeline"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/address/", calendar.change_address, name="calendar-address"),
    path("calendar/provider/<str:code>/", calendar.provider_calendar, name="calendar-provider"),
    path("calendar/<str:token>.ics", calendar.calendar_feed, name="calendar-feed"),
    path("calendar.ics", calendar.calendar_file, name="calendar-file"),
    path("contracts/<str:number>/requests/new/<str:kind>/", new.new, name="contract-request-new"),
    path("requests/export/", exports.export_requests, name="request-list-export"),
    path("requests/<str:number>/", sent.detail, name="contract-request-detail"),
    path("requests/<str:number>/withdraw/", sent.withdraw, name="contract-request-withdraw"),
    path("documents/<int:pk>/", files.document, name="contract-document"),
    path("letters/<str:number>/", files.letter, name="contract-letter"),
    path("agent/", desk_lists.desk, name="desk"),
    path("agent/applications/", desk_lists.applications, name="desk-applications"),
    path("agent/enter/", desk_entering.enter_application, name="desk-enter-application"),
    path("agent/applications/<str:number>/", desk_applications.application, name="desk-application"),
    path("agent/applications/<str:number>/pdf/", desk_applications.pdf, name="desk-application-pdf"),
    path("agent/contracts/", desk_lists.contracts, name="desk-contracts"),
    path("agent/contracts/<str:number>/", desk_contracts.contract, name="desk-contract"),
    path("agent/contracts/<str:number>/enter/", desk_entering.enter_request, name="desk-enter-request"),
    path("agent/requests/", desk_lists.requests, name="desk-requests"),
    path("agent/requests/<str:number>/", desk_requests.asked_for, name="desk-request"),
    path("agent/documents/<int:pk>/", desk_files.document, name="desk-document"),
    path("inquiries/", inquiries.inquiry_list, name="inquiry-list"),
    path("inquiries/new/", inquiries.inquiry_new, name="inquiry-new"),
    path("inquiries/<str:number>/", inquiries.inquiry, name="inquiry"),
    path("terms/", terms.terms_list, name="terms-list"),
    path("consents/<int:sequence>/certificate/", consents.consent_certificate, name="consent-certificate"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/public/", notices.public_list, name="public-notice-list"),
    path("notices/public/<int:pk>/", notices.public_detail, name="public-notice-detail"),
    path("notices/<int:pk>/", notices.notice_detail, name="notice-detail"),
]
