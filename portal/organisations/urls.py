from django.urls import path

from portal.organisations import views
from portal.organisations.company import views as company
from portal.organisations.members import activity, invited
from portal.organisations.members import views as members

app_name = "organisations"
urlpatterns = [
    path("new/", views.create, name="create"),
    path("address/", views.address_of_code, name="address"),
    path("join/", company.join, name="join"),
    path("joining/", company.joining, name="joining"),
    path("switch/", views.switch, name="switch"),
    path("members/", members.members, name="members"),
    path("members/invite/", members.new_invitation, name="member-invite"),
    path("members/leave/", members.go, name="member-leave"),
    path("members/activity/", activity.activity, name="member-activity"),
    path("members/<int:pk>/", members.member, name="member"),
    path("members/<int:pk>/remove/", members.remove, name="member-remove"),
    path("members/<int:pk>/hand-over/", members.make_owner, name="member-hand-over"),
    path("invitations/<int:pk>/again/", members.invite_again, name="invitation-again"),
    path("invitations/<int:pk>/withdraw/", members.withdraw_invitation, name="invitation-withdraw"),
    path("invitations/<int:pk>/accept/", invited.accept_invitation, name="invitation-accept"),
    path("invitations/<str:token>/", invited.invitation, name="invitation"),
]
