from allauth.account import signals as signals
