import app


def test_a_visitor_is_greeted():
    answer = app.make_app("moin").test_client().get("/")
    assert answer.json == {"greeting": "moin", "queue": None}
