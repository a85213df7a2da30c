"""The outbox: all e-mails that go out about contracts and money, as rows that a worker sends."""
