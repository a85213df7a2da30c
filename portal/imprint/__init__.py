"""What the operator of the installation states: who that is, privacy policy, terms of the portal …"""
